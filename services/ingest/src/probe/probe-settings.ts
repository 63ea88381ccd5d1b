import { BlockList } from "node:net";
import { parseYaml } from "@yunwei/service-kit";
import { type Static, Type } from "typebox";
import type { IngestToken } from "../domain/ingest-token.ts";
import { parseNetwork } from "../log-door/peer-book.ts";

const Name = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$" });
const Probe = Type.Object(
  {
    link: Name,
    from: Name,
    to: Name,
    kind: Type.Enum(["twamp", "tcp"]),
    host: Type.String({ minLength: 1, maxLength: 255 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    token: Type.Optional(Type.String()),
    intervalSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 3_600 })),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    timeoutSeconds: Type.Optional(Type.Number({ minimum: 0.05, maximum: 60 })),
  },
  { additionalProperties: false },
);
const ProbeFile = Type.Object(
  {
    reflector: Type.Optional(Type.Object({ allow: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1_000 }) }, { additionalProperties: false })),
    probes: Type.Optional(Type.Array(Probe, { maxItems: 500 })),
  },
  { additionalProperties: false },
);

const LOCAL = "local";
const DEFAULT_INTERVAL_S = 10;
const DEFAULT_COUNT = 10;
/** Below a second, so that a lost SYN counts as lost. */
const DEFAULT_TIMEOUT_S = 0.9;
/** Packets of a round are this far apart, or less, so that a round fills at most half of its interval. */
const MOST_SPACING_MS = 100;

/** A path to be probed, with everything decided. */
export interface LinkProbe {
  /** Id of the link in topology.yaml. */
  readonly link: string;
  /** Site where the probe stands, and the one at the other end. */
  readonly fromSite: string;
  readonly toSite: string;
  readonly kind: "twamp" | "tcp";
  readonly host: string;
  readonly port: number;
  readonly token: IngestToken;
  readonly intervalMs: number;
  readonly count: number;
  readonly spacingMs: number;
  readonly timeoutMs: number;
}

export interface ProbeSettings {
  readonly probes: readonly LinkProbe[];
  /** Whose test packets are reflected. */
  readonly reflectFor: BlockList;
}

/** In force without a file: nothing is probed, and this machine alone is reflected for. */
export const NO_PROBES: ProbeSettings = { probes: [], reflectFor: blockListOf([]) };

/** Reads link-probes.yaml. @throws YunweiError YUNWEI_CONFIG_INVALID with every problem and its line */
export function parseProbeSettings(text: string, tokens: readonly IngestToken[]): ProbeSettings {
  const { probes = [], reflector } = parseYaml(text, {
    file: "link-probes.yaml",
    code: "YUNWEI_CONFIG_INVALID",
    schema: ProbeFile,
    cross: (file, at) => [
      ...(file.reflector?.allow ?? []).flatMap((network, i) =>
        parseNetwork(network) === undefined ? [at(["reflector", "allow", i], `${network} is neither an address nor a network like 10.20.0.0/16`)] : [],
      ),
      ...(file.probes ?? []).flatMap((probe, i) => probeProblems(probe, file.probes!.slice(0, i), tokens).map((problem) => at(["probes", i], problem))),
    ],
  });
  return { probes: probes.map((probe) => decided(probe, tokens)), reflectFor: blockListOf(reflector?.allow ?? []) };
}

function probeProblems(probe: Static<typeof Probe>, before: readonly Static<typeof Probe>[], tokens: readonly IngestToken[]): string[] {
  const { link, from, to, kind, token = LOCAL, intervalSeconds = DEFAULT_INTERVAL_S, timeoutSeconds = DEFAULT_TIMEOUT_S } = probe;
  const problems: string[] = [];
  if (!tokens.some(({ id }) => id === token)) problems.push(`there is no ingest token ${token}: make it with npm start -- token add`);
  if (from === to) problems.push(`${link}: from and to are the same site`);
  if (timeoutSeconds > intervalSeconds / 2) problems.push(`${link}: timeoutSeconds is over half of intervalSeconds`);
  if (before.some((other) => other.link === link && other.from === from && other.to === to && other.kind === kind))
    problems.push(`${link} is probed by ${kind} from ${from} to ${to} already: two probes would make one series`);
  return problems;
}

function decided(probe: Static<typeof Probe>, tokens: readonly IngestToken[]): LinkProbe {
  const { link, from, to, kind, host, port, token = LOCAL, count = DEFAULT_COUNT } = probe;
  const intervalMs = (probe.intervalSeconds ?? DEFAULT_INTERVAL_S) * 1_000;
  return {
    link,
    fromSite: from,
    toSite: to,
    kind,
    host,
    port,
    token: tokens.find(({ id }) => id === token)!,
    intervalMs,
    count,
    spacingMs: Math.min(MOST_SPACING_MS, intervalMs / 2 / count),
    timeoutMs: (probe.timeoutSeconds ?? DEFAULT_TIMEOUT_S) * 1_000,
  };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of [...networks, "127.0.0.0/8", "::1"]) {
    const { address, prefix, family } = parseNetwork(network)!;
    list.addSubnet(address, prefix, family);
  }
  return list;
}
