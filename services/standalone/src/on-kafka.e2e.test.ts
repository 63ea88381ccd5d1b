import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import { ApiClient, sendOtlp, spawnStandalone, startKafka } from "@yunwei/testkit";
import { afterAll, describe, expect, it } from "vitest";

const kafka = await startKafka();
const skipped = "skipped" in kafka ? kafka.skipped : undefined;
afterAll(async () => {
  if (!("skipped" in kafka)) await kafka.stop();
});

const COUNT = 200;

describe.skipIf(skipped !== undefined)(`the standalone on a real Kafka${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  it("stores what came in, once, across a restart", async () => {
    if ("skipped" in kafka) throw new Error("unreachable");
    const dataFolder = await mkdtemp(join(tmpdir(), "yunwei-kafka-"));
    const variables = { YUNWEI_KAFKA_BROKERS: kafka.brokers.join(",") };
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
