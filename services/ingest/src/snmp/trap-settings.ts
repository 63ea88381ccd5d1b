import { statSync } from "node:fs";
import { parseYaml, YunweiError } from "@yunwei/service-kit";
import { type Static, Type } from "typebox";
import type { IngestToken } from "../domain/ingest-token.ts";
import type { PeerBook } from "../log-door/peer-book.ts";
import { peerBookOf, SenderList, senderProblems } from "../log-door/senders-file.ts";

const FILE = "snmp-traps.yaml";
/** RFC 3414 §11.2: a password has at least eight characters. */
const Password = Type.String({ minLength: 8, maxLength: 128 });
/** Without DES, which OpenSSL no longer has. */
const TrapUser = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 32 }),
    auth: Type.Enum(["md5", "sha", "sha224", "sha256", "sha384", "sha512"]),
    authPassword: Password,
    priv: Type.Optional(Type.Enum(["aes", "aes256b", "aes256r"])),
    privPassword: Type.Optional(Password),
  },
  { additionalProperties: false },
);
const TrapFile = Type.Object(
  {
    senders: Type.Optional(SenderList),
    communities: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 100 })),
    users: Type.Optional(Type.Array(TrapUser, { maxItems: 100 })),
  },
  { additionalProperties: false },
);

/** A user of SNMPv3; one with `priv` must encrypt, every one must authenticate. */
export type TrapUser = Static<typeof TrapUser>;

/** Who may send traps; nobody who is not named. */
export interface TrapSettings {
  readonly senders: PeerBook;
  readonly communities: readonly string[];
  readonly users: readonly TrapUser[];
}

/** In force without a file: no community and no user, so nobody. */
export function noTrapSettings(tokens: readonly IngestToken[], zoneName: string): TrapSettings {
  return { senders: peerBookOf([], tokens, zoneName), communities: [], users: [] };
}

/** Reads snmp-traps.yaml. @throws YunweiError YUNWEI_CONFIG_INVALID with every problem and its line */
export function parseTrapSettings(text: string, tokens: readonly IngestToken[], zoneName: string): TrapSettings {
  const {
    senders = [],
    communities = [],
    users = [],
  } = parseYaml(text, {
    file: FILE,
    code: "YUNWEI_CONFIG_INVALID",
    schema: TrapFile,
    cross: (file, at) => [
      ...senderProblems(file.senders ?? [], tokens, at),
      ...(file.users ?? []).flatMap(({ name, priv, privPassword }, i) => [
        ...((priv === undefined) === (privPassword === undefined) ? [] : [at(["users", i], `user ${name}: priv and privPassword go together`)]),
        ...(file.users!.findIndex((other) => other.name === name) === i ? [] : [at(["users", i, "name"], `user ${name} is there twice`)]),
      ]),
    ],
  });
  return { senders: peerBookOf(senders, tokens, zoneName), communities, users };
}

/** Refuses a file with secrets that others on this machine may read. @throws YunweiError YUNWEI_CONFIG_INVALID */
export function demandPrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  const problem = `others may read ${FILE}, which has secrets: chmod 600 it and save it again`;
  throw new YunweiError("YUNWEI_CONFIG_INVALID", problem, { details: [problem] });
}
