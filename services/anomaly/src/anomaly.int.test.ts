import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, decodeJson, openEmbeddedBus } from "@yunwei/bus";
import { hashStrings, otlpJsonToProtobuf } from "@yunwei/otlp";
import { ANOMALY_TOPIC, Anomaly, OTLP_METRICS_TOPIC, TOPICS } from "@yunwei/schemas";
import { answerErrors, createLogger, guardRoutes } from "@yunwei/service-kit";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import Fastify from "fastify";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnomalyService, createAnomaly } from "./app.ts";
import { anomalyRoutes } from "./http/anomaly.routes.ts";

const STEP = 15_000;
const START = Math.floor((Date.now() - 3_600_000) / STEP) * STEP;
const SCHEMA = fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url));
const HEADERS = { "yunwei.source": "token-1", "yunwei.site": "suzhou", "yunwei.tier": "backbone", "yunwei.department": "dept" };

const log: string[] = [];
const logger = createLogger("anomaly", "info", { write: (line) => void log.push(line) });
let folder: string;
let bus: Bus;
let store: Store;
let service: AnomalyService;
const told: Anomaly[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei anomaly "));
  bus = await openEmbeddedBus({ folder: join(folder, "bus") });
  await bus.ensureTopics(TOPICS);
  store = await openEmbeddedStore({ folder: join(folder, "clickhouse"), writers: 1, readers: 1 });
  await migrateStore(store, SCHEMA);
  await bus.subscribe({ topic: ANOMALY_TOPIC, groupId: "test" }, async (batch) => {
    for (const { value } of batch) told.push(Value.Parse(Anomaly, decodeJson(value)));
  });
});

afterAll(async () => {
  await bus.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const start = async (): Promise<AnomalyService> => {
  service = await createAnomaly({ bus, store, logger, dataFolder: folder, nowMs: Date.now, tickMs: 100 });
  return service;
};

/** One Export request of a host's CPU, as the gateway puts it on the bus. */
function request(step: number, value: number) {
  const nano = `${BigInt(START + step * STEP) * 1_000_000n}`;
  const resource = { attributes: [{ key: "host.name", value: { stringValue: "db-7" } }] };
  const metric = { name: "system.cpu.utilization", unit: "1", gauge: { dataPoints: [{ timeUnixNano: nano, asDouble: value }] } };
  const body = { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "agent" }, metrics: [metric] }] }] };
  return {
    key: "db-7",
    value: otlpJsonToProtobuf("metrics", Buffer.from(JSON.stringify(body))),
    headers: { ...HEADERS, "yunwei.received-ms": `${Date.now()}` },
  };
}

const calm = (step: number): number => 0.3 + 0.01 * Math.sin(step * 12.9898);
const publish = (from: number, to: number, value: (step: number) => number): Promise<void> =>
  bus.publish(
    OTLP_METRICS_TOPIC,
    Array.from({ length: to - from }, (_, i) => request(from + i, value(from + i))),
  );
const points = (): number => service.status().points;

describe("anomaly service", () => {
  it("scores the stream, tells a deviation on the bus, and writes its opening to the store", async () => {
    await start();
    await publish(0, 100, calm);
    await bus.publish(OTLP_METRICS_TOPIC, [{ key: "x", value: Buffer.from("not a request"), headers: HEADERS }]);
    await publish(100, 110, () => 0.95);
    await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(10);
    expect(told[0]).toMatchObject({
      state: "open",
      entity: "host:db-7",
      site: "suzhou",
      source: "token-1",
      family: "cpu",
      harmful: true,
      mature: true,
      direction: "up",
    });
    expect(told[0]!.timeUnixNano).toBe(`${BigInt(START + 100 * STEP) * 1_000_000n}`);
    expect(new Set(told.map(({ anomalyId }) => anomalyId)).size).toBe(1);
    expect(new Set(told.map(({ messageId }) => messageId)).size).toBe(told.length);
    const rows = () =>
      store.query("SELECT entity, metric, detector, severity, direction, hex(entity_id) AS id, toUnixTimestamp64Milli(ts) AS at FROM anomalies");
    // The bus is told first, the store a moment later.
    await expect.poll(rows, { timeout: 10_000 }).toEqual([
      {
        entity: "host:db-7",
        metric: "system.cpu.utilization",
        detector: "deviation",
        severity: 3,
        direction: 1,
        id: hashStrings("host:db-7").toUpperCase(),
        at: `${START + 100 * STEP}`,
      },
    ]);
  });

  it("answers for itself", async () => {
    const app = Fastify();
    answerErrors(app);
    guardRoutes(app, async () => ({ name: "a", role: "operator" }));
    await app.register(anomalyRoutes({ status: async () => service.status(), bandOf: async (seriesId) => service.bandOf(seriesId) }));
    const status = await app.inject("/api/v1/detector");
    expect(status.json()).toMatchObject({ series: 1, openAnomalies: 1, refusedSeries: 0 });
    const band = await app.inject(`/api/v1/detector/series/${told[0]!.seriesId}`);
    expect(band.json()).toMatchObject({ mature: true });
    expect(band.json<{ expected: number }>().expected).toBeCloseTo(0.3, 1);
    expect((await app.inject("/api/v1/detector/series/0000000000000000")).statusCode).toBe(404);
    await app.close();
  });

  it("goes on after a restart, and takes what is delivered again for what it is", async () => {
    await service.close();
    const before = told.length;
    await start();
    expect(log.join("")).toContain("restored from its snapshot");
    expect(service.status()).toMatchObject({ series: 1, openAnomalies: 1 });
    await publish(105, 110, () => 0.95);
    await publish(110, 125, calm);
    await expect.poll(() => told.at(-1)!.state, { timeout: 20_000 }).toBe("close");
    expect(told.at(-1)!.anomalyId).toBe(told[0]!.anomalyId);
    expect(new Set(told.map(({ messageId }) => messageId)).size).toBe(told.length);
    expect(told.length).toBeGreaterThan(before);
  });

  it("sets a damaged snapshot aside and warms up from the store instead", async () => {
    await service.close();
    await seedHistory();
    const path = join(folder, "anomaly", "detector.snapshot");
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 3));
    await start();
    expect(await readdir(join(folder, "anomaly"))).toEqual(["detector.snapshot.corrupt"]);
    expect(log.join("")).toContain("set aside");
    const warmed = points();
    expect(warmed).toBe(125);
    const known = told.length;
    await publish(120, 125, calm); // also in history: dropped
    await publish(125, 127, () => 0.95);
    await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(known);
    expect(told[known]).toMatchObject({ state: "open", mature: true, entity: "host:db-7", timeUnixNano: `${BigInt(START + 125 * STEP) * 1_000_000n}` });
    await service.close();
  });
});

/** What the writer would have stored of the same series. */
async function seedHistory(): Promise<void> {
  const series_id = BigInt(`0x${told[0]!.seriesId}`).toString();
  const place = { department: "dept", site: "suzhou", tier: "backbone", metric: "system.cpu.utilization", entity_id: "1", series_id };
  const at = (step: number): number => Math.floor((START + step * STEP) / 1000);
  const day = new Date(START).toISOString().slice(0, 10);
  const catalogue = { kind: "gauge", unit: "1", monotonic: false, resource_id: "1", scope: "agent", labels: {}, bounds: [], last_seen: at(125) };
  await store.insertRows("metric_series", [{ day, ...place, entity: "host:db-7", ...catalogue }]);
  const rows = Array.from({ length: 125 }, (_, step) => ({ ...place, kind: "gauge", ts: at(step), value: calm(step) }));
  await store.insertRows("metric_points", rows);
}
