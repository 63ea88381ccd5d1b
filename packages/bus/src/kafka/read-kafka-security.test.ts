import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestAuthority } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KafkaSecurityFiles, readKafkaSecurity } from "./read-kafka-security.ts";

const NOTHING: KafkaSecurityFiles = { tls: false, caFile: "", certFile: "", keyFile: "", servername: "", mechanism: "none", username: "", passwordFile: "" };

describe("readKafkaSecurity", () => {
  const authority = new TestAuthority();
  const client = authority.issue("client");
  let folder = "";
  const file = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "yunwei security "));
    const texts = {
      "ca.pem": authority.ca,
      "client.pem": client.cert,
      "client.key": client.key,
      password: "s3cret pass\n",
      empty: "\n",
      junk: "-----BEGIN s3cret",
    };
    for (const [name, text] of Object.entries(texts)) await writeFile(file(name), text);
    await writeFile(file("large"), Buffer.alloc(2 * 1024 * 1024));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("asks for nothing when nothing is set", async () => {
    expect(await readKafkaSecurity(NOTHING)).toEqual({});
    expect(await readKafkaSecurity({ ...NOTHING, tls: true })).toEqual({ tls: {} });
  });

  it("reads certificates, key and password", async () => {
    const files = { caFile: file("ca.pem"), certFile: file("client.pem"), keyFile: file("client.key"), servername: "kafka.test" };
    const login = { mechanism: "SCRAM-SHA-512", username: "yunwei", passwordFile: file("password") } as const;
    expect(await readKafkaSecurity({ ...NOTHING, ...files, ...login })).toEqual({
      tls: { ca: authority.ca, cert: client.cert, key: client.key, servername: "kafka.test" },
      sasl: { mechanism: "SCRAM-SHA-512", username: "yunwei", password: "s3cret pass" },
    });
  });

  it.each<[string, Partial<Record<keyof KafkaSecurityFiles, string>>, string]>([
    ["a file that is not there", { caFile: "nowhere.pem" }, "nowhere.pem"],
    ["a file that holds something else", { caFile: "junk" }, "junk"],
    ["a certificate in place of a key", { certFile: "client.pem", keyFile: "ca.pem" }, "private key"],
    ["a certificate without its key", { certFile: "client.pem" }, "both"],
    ["a file of two megabytes", { caFile: "large" }, "too large"],
    ["a login without a password", { mechanism: "PLAIN", username: "u" }, "PLAIN"],
    ["an empty password", { mechanism: "PLAIN", username: "u", passwordFile: "empty" }, "empty"],
    ["a password without a mechanism", { passwordFile: "password" }, "mechanism"],
  ])("refuses %s and names it", async (_, given, named) => {
    const paths = Object.entries(given).map(([name, value]) => [name, name.endsWith("File") ? file(value) : value]);
    const error = await readKafkaSecurity({ ...NOTHING, ...Object.fromEntries(paths) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "YUNWEI_CONFIG_INVALID", message: expect.stringContaining(named) });
    expect(String(error)).not.toContain("s3cret");
  });
});
