import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createAnomaly } from "@yunwei/anomaly";
import { openEmbeddedBus } from "@yunwei/bus";
import { createIngest } from "@yunwei/ingest";
import { type DecodedBySignal, otlpJsonToProtobuf, RequestReader, type StreamIdentity } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal, TOPICS } from "@yunwei/schemas";
import { createLogger } from "@yunwei/service-kit";
import { migrateStore, openEmbeddedStore } from "@yunwei/store";
import { expect, it } from "vitest";

/** Enough that columns and bodies are given back by hand. */
const ITEMS = 3_000;
const timeUnixNano = `${Date.now()}000000`;
const many = (item: (i: number) => object): object[] => Array.from({ length: ITEMS }, (_, i) => item(i));
const REQUESTS: readonly [signal: Signal, topic: string, request: object][] = [
  [
    "metrics",
    OTLP_METRICS_TOPIC,
    { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: many((asDouble) => ({ timeUnixNano, asDouble })) } }] }] }] },
  ],
  [
    "traces",
    OTLP_SPANS_TOPIC,
    {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: many((i) => ({
                traceId: "1".repeat(32),
                spanId: (i + 1).toString(16).padStart(16, "0"),
                name: "s",
                startTimeUnixNano: timeUnixNano,
                endTimeUnixNano: timeUnixNano,
              })),
            },
          ],
        },
      ],
    },
  ],
  ["logs", OTLP_LOGS_TOPIC, { resourceLogs: [{ scopeLogs: [{ logRecords: many((i) => ({ timeUnixNano, body: { stringValue: `line ${i}` } })) }] }] }],
];

/** Notes what it has lent. */
class NotingReader extends RequestReader {
  readonly lent: DecodedBySignal[Signal][] = [];

  override async read<S extends Signal>(signal: S, value: Uint8Array, contentEncoding: string | undefined, identity: StreamIdentity) {
    const decoded = await super.read(signal, value, contentEncoding, identity);
    this.lent.push(decoded);
    return decoded;
  }
}

const isFreed = (decoded: DecodedBySignal[Signal]): boolean => {
  if ("numbers" in decoded) return decoded.numbers.value.length === 0;
  return decoded.body.length === 0 && decoded.slices.starts.length === 0 && ("spans" in decoded ? decoded.spans.startMs : decoded.logs.timeMs).length === 0;
};

it.each([true, false])("writer and detectors give back the memory of all requests that they have read, hands on: %s", async (handsOn) => {
  const folder = await mkdtemp(join(tmpdir(), "yunwei-released-"));
  const logger = createLogger("test", "silent");
  const bus = await openEmbeddedBus({ folder: join(folder, "bus") });
  await bus.ensureTopics(TOPICS);
  const store = await openEmbeddedStore({ folder: join(folder, "clickhouse") });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
  const reader = new NotingReader(2, { handsOn });
  const ingest = await createIngest({ bus, store, reader, logger, nowMs: Date.now, tokens: [] });
  const anomaly = await createAnomaly({ bus, store, reader, logger, dataFolder: folder, nowMs: Date.now });
  try {
    for (const [signal, topic, request] of REQUESTS) {
      const value = gzipSync(otlpJsonToProtobuf(signal, Buffer.from(JSON.stringify(request))));
      await bus.publish(topic, [{ key: "k", value, headers: { "yunwei.source": "local", "yunwei.items": String(ITEMS), "content-encoding": "gzip" } }]);
    }
    await expect.poll(() => reader.lent.length, { timeout: 30_000 }).toBe(2 * REQUESTS.length);
    expect(new Set(reader.lent).size).toBe(REQUESTS.length);
    await expect.poll(() => reader.lent.every(isFreed), { timeout: 30_000 }).toBe(true);
    const stored = await store.query<{ n: string }>(
      "SELECT (SELECT count() FROM metric_points) + (SELECT count() FROM spans) + (SELECT count() FROM logs) AS n",
    );
    expect(stored).toEqual([{ n: String(REQUESTS.length * ITEMS) }]);
  } finally {
    await anomaly.close();
    await ingest.close();
    await bus.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
