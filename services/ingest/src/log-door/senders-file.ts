import { type AtLine, parseYaml } from "@yunwei/service-kit";
import { type Static, Type } from "typebox";
import type { IngestToken } from "../domain/ingest-token.ts";
import { PeerBook, type PeerRule, parseNetwork, type Sender } from "./peer-book.ts";
import { isTimeZone, ZoneClock } from "./zone-clock.ts";

/** Id of the token that this machine's own senders use. */
const LOCAL = "local";

/** A list of senders, as files of several protocols have it. */
export const SenderList = Type.Array(
  Type.Object(
    {
      from: Type.String({ maxLength: 64 }),
      token: Type.String({ maxLength: 64 }),
      kind: Type.Optional(Type.Enum(["host", "device"])),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
      timeZone: Type.Optional(Type.String({ maxLength: 64 })),
    },
    { additionalProperties: false },
  ),
  { maxItems: 1_000 },
);
export type SenderList = Static<typeof SenderList>;

const SendersFile = Type.Object({ senders: Type.Optional(SenderList) }, { additionalProperties: false });

/** What the schema cannot say of senders. */
export function senderProblems(senders: SenderList, tokens: readonly IngestToken[], at: AtLine): string[] {
  const problems: string[] = [];
  for (const [i, { from, token, name, timeZone }] of senders.entries()) {
    const network = parseNetwork(from);
    if (network === undefined) problems.push(at(["senders", i, "from"], `${from} is neither an address nor a network like 10.20.0.0/16`));
    if (name !== undefined && network?.isOne === false) problems.push(at(["senders", i, "name"], `${from} is a network: only an address can have a name`));
    if (!tokens.some(({ id }) => id === token))
      problems.push(at(["senders", i, "token"], `there is no ingest token ${token}: make it with npm start -- token add`));
    if (timeZone !== undefined && !isTimeZone(timeZone)) problems.push(at(["senders", i, "timeZone"], `${timeZone} is no time zone like Asia/Shanghai`));
  }
  return problems;
}

/** The book of senders that a list makes; this machine itself sends with the local token. @param zoneName - of senders that name none */
export function peerBookOf(senders: SenderList, tokens: readonly IngestToken[], zoneName: string): PeerBook {
  const zones = new Map<string, ZoneClock>();
  const zoneOf = (name: string): ZoneClock => {
    let zone = zones.get(name);
    if (zone === undefined) zones.set(name, (zone = new ZoneClock(name)));
    return zone;
  };
  const rules = senders.map(({ from, token, kind = "host", name, timeZone = zoneName }): PeerRule => {
    return { from, token: tokens.find(({ id }) => id === token)!, kind, name, zone: zoneOf(timeZone) };
  });
  const localToken = tokens.find(({ id }) => id === LOCAL);
  const local: Sender | undefined = localToken === undefined ? undefined : { token: localToken, kind: "host", name: undefined, zone: zoneOf(zoneName) };
  return new PeerBook(rules, local);
}

/** Reads syslog-senders.yaml. @throws YunweiError YUNWEI_CONFIG_INVALID with every problem and its line */
export function parseSendersFile(text: string, tokens: readonly IngestToken[], zoneName: string): PeerBook {
  const { senders = [] } = parseYaml(text, {
    file: "syslog-senders.yaml",
    code: "YUNWEI_CONFIG_INVALID",
    schema: SendersFile,
    cross: (file, at) => senderProblems(file.senders ?? [], tokens, at),
  });
  return peerBookOf(senders, tokens, zoneName);
}
