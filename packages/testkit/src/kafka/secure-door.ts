import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TestAuthority } from "./test-authority.ts";

/** A second listener of the broker: TLS with certificates on both sides, and a login (SASL_SSL). */
export interface SecurePlace {
  readonly port: number;
  /** PEM files: key and certificate of the broker, and the authority whose clients it takes. */
  readonly keyStoreFile: string;
  readonly trustStoreFile: string;
  /** Who may log in by PLAIN; the users of SCRAM are made when the storage is formatted. */
  readonly username: string;
  readonly password: string;
}

/** What a client needs for it; everything PEM. */
export interface SecureDoor {
  readonly brokers: readonly string[];
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Known to PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly username: string;
  readonly password: string;
}

export interface MadeDoor {
  readonly place: SecurePlace;
  readonly client: SecureDoor;
  /** Parameters for the formatting of the storage, which makes the user. */
  readonly format: readonly string[];
}

/** Makes an authority, the broker's certificate, one for clients, and a user with a password that nobody else has. */
export async function makeSecureDoor(folder: string, port: number): Promise<MadeDoor> {
  const authority = new TestAuthority();
  const broker = authority.issue("127.0.0.1");
  const [keyStoreFile, trustStoreFile] = [join(folder, "broker.pem"), join(folder, "authority.pem")];
  await writeFile(keyStoreFile, broker.key + broker.cert, { mode: 0o600 });
  await writeFile(trustStoreFile, authority.ca);
  const [username, password] = ["yunwei", randomBytes(12).toString("hex")];
  return {
    place: { port, keyStoreFile, trustStoreFile, username, password },
    client: { brokers: [`127.0.0.1:${port}`], ca: authority.ca, ...authority.issue("client"), username, password },
    format: ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => ["--add-scram", `${mechanism}=[name=${username},password=${password}]`]),
  };
}

/** The lines of server.properties for the listener SECURE. */
export function secureProperties({ keyStoreFile, trustStoreFile, username, password }: SecurePlace): Record<string, string> {
  const login = "org.apache.kafka.common.security";
  return {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.secure.plain.sasl.jaas.config": `${login}.plain.PlainLoginModule required user_${username}="${password}";`,
    "listener.name.secure.scram-sha-256.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
    "listener.name.secure.scram-sha-512.sasl.jaas.config": `${login}.scram.ScramLoginModule required;`,
    "listener.name.secure.ssl.client.auth": "required",
    "listener.name.secure.ssl.keystore.type": "PEM",
    "listener.name.secure.ssl.keystore.location": keyStoreFile,
    "listener.name.secure.ssl.truststore.type": "PEM",
    "listener.name.secure.ssl.truststore.location": trustStoreFile,
  };
}
