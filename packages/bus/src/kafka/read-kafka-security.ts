import { createPrivateKey, X509Certificate } from "node:crypto";
import { open } from "node:fs/promises";
import { YunweiError } from "@yunwei/schemas";
import type { KafkaSasl, KafkaSecurity, KafkaTls, SaslMechanism } from "./kafka-connection.ts";

/** How a process is told to protect its connections; secrets are in files, empty means not given. */
export interface KafkaSecurityFiles {
  /** TLS with the authorities that Node trusts; a file below says TLS by itself. */
  readonly tls: boolean;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly servername: string;
  readonly mechanism: SaslMechanism | "none";
  readonly username: string;
  readonly passwordFile: string;
}

const MOST_FILE_BYTES = 1024 * 1024;

/**
 * Reads the files, and refuses what could not work: half a pair, a file that holds no certificate or key, a login without its parts.
 * @throws YunweiError YUNWEI_CONFIG_INVALID that names the file or the setting, never what a secret file holds
 */
export async function readKafkaSecurity(files: KafkaSecurityFiles): Promise<KafkaSecurity> {
  const tls = await readTls(files);
  const sasl = await readSasl(files);
  return { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
}

async function readTls({ tls, caFile, certFile, keyFile, servername }: KafkaSecurityFiles): Promise<KafkaTls | undefined> {
  if ((certFile === "") !== (keyFile === "")) throw invalid("a client certificate for Kafka needs both its file and the file of its key");
  if (!tls && caFile === "" && certFile === "" && servername === "") return undefined;
  const ca = caFile === "" ? undefined : await readPem(caFile, "certificate", (text) => new X509Certificate(text));
  const cert = certFile === "" ? undefined : await readPem(certFile, "certificate", (text) => new X509Certificate(text));
  const key = keyFile === "" ? undefined : await readPem(keyFile, "private key without a pass phrase", (text) => createPrivateKey(text));
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === "" ? {} : { servername }),
  };
}

async function readSasl({ mechanism, username, passwordFile }: KafkaSecurityFiles): Promise<KafkaSasl | undefined> {
  if (mechanism === "none") {
    if (username !== "" || passwordFile !== "") throw invalid("a user or a password for Kafka is given, but no SASL mechanism");
    return undefined;
  }
  if (username === "" || passwordFile === "") throw invalid(`the login to Kafka by ${mechanism} needs a user and the file of the password`);
  // Editors end a file with a line feed, which is no part of a password.
  const password = (await readText(passwordFile)).replace(/\r?\n$/, "");
  if (password === "") throw invalid(`${passwordFile} is empty: it must hold the password for Kafka`);
  return { mechanism, username, password };
}

async function readPem(file: string, what: string, parse: (text: string) => unknown): Promise<string> {
  const text = await readText(file);
  try {
    parse(text);
  } catch {
    throw invalid(`${file} does not hold a ${what} in PEM`);
  }
  return text;
}

async function readText(file: string): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw invalid(`${file} cannot be read (${error.code ?? error.message}): it is needed for the connection to Kafka`);
  });
  try {
    if ((await handle.stat()).size > MOST_FILE_BYTES) throw invalid(`${file} is too large to be a certificate, a key or a password`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

function invalid(text: string): YunweiError {
  return new YunweiError("YUNWEI_CONFIG_INVALID", text);
}
