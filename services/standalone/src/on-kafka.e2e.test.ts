import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import { ApiClient, sendOtlp, spawnStandalone, startKafka } from "@yunwei/testkit";
import { afterAll, describe, expect, it } from "vitest";

const kafka = await startKafka({ secure: true });
const skipped = "skipped" in kafka ? kafka.skipped : undefined;
afterAll(async () => {
  if (!("skipped" in kafka)) await kafka.stop();
});

const COUNT = 200;

describe.skipIf(skipped !== undefined)(`the standalone on a real Kafka${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  // In this order: the second takes the groups over from the other driver, with their offsets, and finds nothing left to do in them.
  it.each(["platformatic", "kafkajs behind TLS and a login"])("stores what came in, once, across a restart (%s)", async (name) => {
    const dataFolder = await mkdtemp(join(tmpdir(), "yunwei-kafka-"));
    const variables = name === "platformatic" ? plain() : await secure(dataFolder);
    const first = await spawnStandalone({ dataFolder, variables });
    for (let i = 0; i < COUNT; i++) await sendOtlp(first, "metrics", point(i));
    await first.kill();
    const second = await spawnStandalone({ dataFolder, variables, password: first.password });
    const api = await ApiClient.signIn(second);
    const values = async (): Promise<number> => {
      const { series } = await api.get<{ series: { seriesId: string }[] }>(`/series?entity=${encodeURIComponent("host:on-kafka")}&limit=10`);
      if (series[0] === undefined) return 0;
      const { tables } = await api.get<{ tables: { table: string; rows: number }[] }>("/system");
      return tables.find(({ table }) => table === "metric_points")?.rows ?? 0;
    };
    await expect.poll(values, { timeout: 90_000, interval: 500 }).toBe(COUNT);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await values()).toBe(COUNT);
    await second.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });
});

function plain(): Record<string, string> {
  if ("skipped" in kafka) throw new Error("unreachable");
  return { YUNWEI_KAFKA_BROKERS: kafka.brokers.join(",") };
}

async function secure(folder: string): Promise<Record<string, string>> {
  if ("skipped" in kafka) throw new Error("unreachable");
  const { brokers, ca, cert, key, username, password } = kafka.secure!;
  const file = async (fileName: string, text: string): Promise<string> => {
    await writeFile(join(folder, fileName), text, { mode: 0o600 });
    return join(folder, fileName);
  };
  return {
    YUNWEI_KAFKA_BROKERS: brokers.join(","),
    YUNWEI_KAFKA_DRIVER: "kafkajs",
    YUNWEI_KAFKA_TLS_CA: await file("ca.pem", ca),
    YUNWEI_KAFKA_TLS_CERT: await file("client.pem", cert),
    YUNWEI_KAFKA_TLS_KEY: await file("client.key", key),
    YUNWEI_KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
    YUNWEI_KAFKA_SASL_USERNAME: username,
    YUNWEI_KAFKA_SASL_PASSWORD_FILE: await file("password", `${password}\n`),
  };
}

function point(asInt: number): Uint8Array {
  const resource = { attributes: [{ key: "host.name", value: { stringValue: "on-kafka" } }] };
  return otlpJsonToProtobuf(
    "metrics",
    Buffer.from(
      JSON.stringify({
        resourceMetrics: [
          { resource, scopeMetrics: [{ metrics: [{ name: "on.kafka", gauge: { dataPoints: [{ timeUnixNano: `${Date.now()}000000`, asInt }] } }] }] },
        ],
      }),
    ),
  );
}
