import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import { AggregationTemporality, type DataPoint, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { openEmbeddedBus } from "@yunwei/bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tracedBus } from "./traced-bus.ts";

describe("tracedBus", () => {
  // Cumulative exporters repeat the last value of a series that is gone.
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })] });
  let folder = "";
  beforeAll(async () => {
    metrics.setGlobalMeterProvider(provider);
    folder = await mkdtemp(join(tmpdir(), "yunwei-traced-"));
  });
  afterAll(async () => {
    await provider.shutdown();
    metrics.disable();
    await rm(folder, { recursive: true, force: true });
  });

  /** Lags by topic and group of one collection. */
  async function lags(): Promise<Record<string, unknown>> {
    exporter.reset();
    await provider.forceFlush();
    const found = exporter.getMetrics().flatMap((resource) => resource.scopeMetrics.flatMap((scope) => scope.metrics));
    const points: DataPoint<unknown>[] = found.filter(({ descriptor }) => descriptor.name === "yunwei.bus.lag").flatMap(({ dataPoints }) => [...dataPoints]);
    return Object.fromEntries(
      points.map(({ attributes, value }) => [`${attributes["messaging.destination.name"]}/${attributes["messaging.consumer.group.name"]}`, value]),
    );
  }

  it("tells the lag of every group that subscribes, and no longer than it does", async () => {
    const bus = tracedBus(await openEmbeddedBus({ folder }), "test");
    const topic = "lagging";
    await bus.ensureTopics([{ name: topic, producer: "test", consumers: [], partitions: 2, retentionHours: 1, retentionBytes: 1 << 20 }]);
    await bus.publish(
      topic,
      ["a", "b", "c"].map((key) => ({ key, value: Buffer.from(key) })),
    );
    const gate = Promise.withResolvers<void>();
    const slow = await bus.subscribe({ topic, groupId: "slow" }, () => gate.promise);
    const quick = await bus.subscribe({ topic, groupId: "quick" }, async () => undefined);
    const twin = await bus.subscribe({ topic, groupId: "quick" }, async () => undefined);
    await expect.poll(lags).toEqual({ "lagging/slow": 3, "lagging/quick": 0 });
    await twin.close();
    expect(await lags()).toEqual({ "lagging/slow": 3, "lagging/quick": 0 });
    await quick.close();
    expect(await lags()).toEqual({ "lagging/slow": 3 });
    gate.resolve();
    await expect.poll(lags).toEqual({ "lagging/slow": 0 });
    await slow.close();
    await bus.close();
    expect(await lags()).toEqual({});
  });
});
