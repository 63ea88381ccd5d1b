import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import { openServerStore } from "@yunwei/store";
import { SpawnedIngest, sendOtlp, startClickHouse, startKafka } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IngestConfig } from "./config.ts";
import { hashOfSecret } from "./domain/ingest-token.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei ingest "));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function run(variables: Record<string, string>, ...options: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...options], { env: { ...process.env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

describe("an ingest process", () => {
  it("explains every setting", async () => {
    const { code, output } = await run({}, "--help");
    expect(code).toBe(0);
    for (const name of Object.keys(IngestConfig.properties)) expect(output).toContain(name);
  });

  it.each([
    { case: "all that is missing", variables: {}, wanted: /YUNWEI_KAFKA_BROKERS and YUNWEI_CLICKHOUSE_URL and YUNWEI_INGEST_TOKENS/ },
    { case: "every bad value", variables: { YUNWEI_INGEST_ROLE: "reader", YUNWEI_OTLP_PORT: "70000" }, wanted: /YUNWEI_INGEST_ROLE.*YUNWEI_OTLP_PORT/s },
    { case: "an unknown option", variables: {}, options: ["--nonsense"], wanted: /nonsense/ },
  ])("names $case and ends", async ({ variables, options = [], wanted }) => {
    const { code, output } = await run(variables, ...options);
    expect(code).toBe(1);
    expect(output).toMatch(wanted);
    expect(output).not.toContain("at file:"); // a sentence, not a stack
  });
});

const kafka = await startKafka();
const skipped = "skipped" in kafka ? kafka.skipped : undefined;

describe.skipIf(skipped !== undefined)(`an ingest process on Kafka and ClickHouse${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  it("takes in, stores, says how it is, and ends in good order", async () => {
    if ("skipped" in kafka) throw new Error("unreachable");
    const clickhouse = await startClickHouse();
    const ingestToken = randomBytes(32).toString("base64url");
    const tokens = join(folder, "tokens.json");
    await writeFile(tokens, JSON.stringify([{ id: "suzhou", sha256: hashOfSecret(ingestToken), site: "suzhou" }]));
    const variables = { YUNWEI_KAFKA_BROKERS: kafka.brokers.join(","), YUNWEI_CLICKHOUSE_URL: clickhouse.url, YUNWEI_INGEST_TOKENS: tokens };
    const both = await SpawnedIngest.start({ role: "both", folder, name: "both", variables });
    const sender = { otlp: `http://127.0.0.1:${both.otlpPort}`, ingestToken };
    for (let i = 0; i < 50; i++) await sendOtlp(sender, "logs", log(i));
    await expect.poll(async () => (await both.health())?.ingestLag, { timeout: 30_000 }).toBe(0);
    for (let i = 50; i < 60; i++) await sendOtlp(sender, "logs", log(i));
    await both.terminate();
    // What it took in and had no time to store waits on the bus for the next one.
    const writer = await SpawnedIngest.start({ role: "writer", folder, name: "writer", variables });
    await expect.poll(async () => (await writer.health())?.ingestLag, { timeout: 30_000 }).toBe(0);
    const store = await openServerStore({ url: clickhouse.url });
    expect(await store.query("SELECT count() AS rows, uniqExact(body) AS bodies, any(site) AS site FROM logs")).toEqual([
      { rows: "60", bodies: "60", site: "suzhou" },
    ]);
    await store.close();
    await writer.terminate();
    await clickhouse.stop();
    await kafka.stop();
  });
});

function log(number: number): Uint8Array {
  const record = { timeUnixNano: `${Date.now()}000000`, severityNumber: 9, body: { stringValue: `line ${number}` } };
  const resource = { attributes: [{ key: "host.name", value: { stringValue: "h" } }] };
  return otlpJsonToProtobuf("logs", Buffer.from(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] })));
}
