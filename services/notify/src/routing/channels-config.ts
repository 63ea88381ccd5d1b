import { YunweiError } from "@yunwei/service-kit";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { NOTIFICATION_KINDS } from "../notification/notification-kind.ts";

const MAX_CHARACTERS = 256 * 1024;
const MAX_PROBLEMS = 50;

const Name = Type.String({ pattern: "^[a-z0-9][a-z0-9_-]{0,62}$", description: "lower-case letters, digits, - and _" });
/** What a channel of each type holds beside its name and type. */
const FileSettings = Type.Object({ language: Type.Optional(Type.Enum(["zh", "en", "both"])) }, { additionalProperties: false });
const WebhookSettings = Type.Object(
  {
    url: Type.String({ pattern: "^https?://[^\\s]+$", maxLength: 2000 }),
    secret: Type.String({ minLength: 16, maxLength: 500 }),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 60_000 })),
  },
  { additionalProperties: false },
);
const Values = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 200 });
const Route = Type.Object(
  {
    channels: Type.Array(Type.String(), { minItems: 1, maxItems: 20 }),
    when: Type.Optional(
      Type.Object(
        {
          priority: Type.Optional(Type.Array(Type.Enum(["P1", "P2", "P3", "P4"]), { minItems: 1 })),
          kind: Type.Optional(Type.Array(Type.Enum([...NOTIFICATION_KINDS]), { minItems: 1 })),
          site: Type.Optional(Values),
          department: Type.Optional(Values),
          service: Type.Optional(Values),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
/** The outline; each channel is checked against the schema of its own type, for errors that say what is meant. */
const Outline = Type.Object(
  {
    channels: Type.Array(Type.Object({ name: Name, type: Type.Enum(["file", "webhook"]) }), { minItems: 1, maxItems: 50 }),
    routes: Type.Array(Route, { minItems: 1, maxItems: 200 }),
  },
  { additionalProperties: false },
);

export type ChannelSettings =
  | ({ readonly name: string; readonly type: "file" } & Static<typeof FileSettings>)
  | ({ readonly name: string; readonly type: "webhook" } & Static<typeof WebhookSettings>);
export type RouteSettings = Static<typeof Route>;

/** Who is told what, and how. */
export interface ChannelsConfig {
  readonly channels: readonly ChannelSettings[];
  readonly routes: readonly RouteSettings[];
}

/** Without a file: everything into notifications.log, and nothing leaves the machine. */
export const DEFAULT_CHANNELS: ChannelsConfig = { channels: [{ name: "console", type: "file" }], routes: [{ channels: ["console"] }] };

/**
 * Reads channels.yaml.
 * @throws YunweiError YUNWEI_CONFIG_INVALID; `details` lists every problem as `line N: ...`
 */
export function parseChannelsConfig(text: string): ChannelsConfig {
  if (text.length > MAX_CHARACTERS) throw invalid([`line 1: the file is larger than ${MAX_CHARACTERS} characters`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map((error) => `line ${error.linePos?.[0].line ?? 1}: ${error.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "")}`),
    );
  }
  const value = toPlain(document);
  const at = (path: readonly (string | number)[], problem: string) => `line ${lineOf(document, lines, path)}: ${problem}`;
  const problems = [...schemaProblems(Outline, value, [], at), ...channelProblems(value, at)];
  if (problems.length > 0) throw invalid(problems);
  const config = value as ChannelsConfig;
  const crossed = crossProblems(config, at);
  if (crossed.length > 0) throw invalid(crossed);
  return config;
}

type At = (path: readonly (string | number)[], problem: string) => string;

function toPlain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch {
    throw invalid(["line 1: too many aliases"]);
  }
}

function schemaProblems(schema: TSchema, value: unknown, base: readonly (string | number)[], at: At): string[] {
  const problems: string[] = [];
  for (const error of Value.Errors(schema, value)) {
    if (error.keyword === "boolean") continue; // an unknown key is told of once, by `additionalProperties`
    const path = [...base, ...pathOf(error.instancePath)];
    if (error.keyword === "additionalProperties") {
      for (const name of (error.params as { additionalProperties: string[] }).additionalProperties)
        problems.push(at([...path, name], `${label([...path, name])}: unknown key`));
    } else problems.push(at(path, `${label(path)}: ${error.message}`));
  }
  return problems;
}

function channelProblems(value: unknown, at: At): string[] {
  const channels = (value as { channels?: unknown } | null)?.channels;
  if (!Array.isArray(channels)) return [];
  return channels.flatMap((channel: unknown, index) => {
    const type = (channel as { type?: unknown } | null)?.type;
    // Name and type are the outline's business.
    const schema = type === "file" ? FileSettings : type === "webhook" ? WebhookSettings : undefined;
    if (schema === undefined) return [];
    const { name: _name, type: _type, ...rest } = channel as Record<string, unknown>;
    return schemaProblems(schema, rest, ["channels", index], at);
  });
}

function crossProblems(config: ChannelsConfig, at: At): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  for (const [index, channel] of config.channels.entries()) {
    if (names.has(channel.name)) problems.push(at(["channels", index, "name"], `channel ${channel.name} is there twice`));
    names.add(channel.name);
  }
  for (const [index, route] of config.routes.entries()) {
    for (const [position, name] of route.channels.entries()) {
      if (!names.has(name)) problems.push(at(["routes", index, "channels", position], `there is no channel ${name}`));
    }
  }
  return problems;
}

function invalid(problems: readonly string[]): YunweiError {
  const sorted = [...new Set(problems)].sort((a, b) => lineIn(a) - lineIn(b)).slice(0, MAX_PROBLEMS);
  return new YunweiError("YUNWEI_CONFIG_INVALID", `channels.yaml is not usable: ${sorted.join("; ")}`, { details: sorted });
}

function lineIn(problem: string): number {
  return Number(/^line (\d+)/.exec(problem)?.[1] ?? 0);
}

/** The line of the node at `path`, or of the nearest one around it (a missing key has no line of its own). */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function pathOf(pointer: string): (string | number)[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~")));
}

function label(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`), "") || "(file)";
}
