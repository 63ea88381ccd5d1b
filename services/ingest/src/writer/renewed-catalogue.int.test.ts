import { RequestReader } from "@yunwei/otlp";
import { OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC } from "@yunwei/schemas";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attribute, gauge, nowNano, proto, resource } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";

const HOUR_MS = 3_600_000;
let clockMs = 0;
const reader = new RequestReader(1, { maxSeries: 10, maxStrings: 8, nowMs: () => clockMs });
let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest({ reader });
});
afterAll(() => running.close());

const points = (...series: number[]): Uint8Array =>
  proto(
    "metrics",
    gauge(
      "renewed",
      series.map((i) => ({ timeUnixNano: nowNano(), asDouble: i, attributes: [attribute("i", String(i))] })),
    ),
  );
let spans = 0;
const calls = (...names: number[]): Uint8Array =>
  proto("traces", {
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            spans: names.map((i) => ({
              traceId: "1".padStart(32, "0"),
              spanId: (++spans).toString(16).padStart(16, "0"),
              name: `call ${i}`,
              kind: 3,
              attributes: [attribute("peer.service", `peer ${i}`)],
              startTimeUnixNano: nowNano(),
              endTimeUnixNano: nowNano(),
            })),
          },
        ],
      },
    ],
  });

/** One batch of one partition. */
async function batch(topic: string, bodies: readonly Uint8Array[], items: readonly number[]): Promise<void> {
  await running.bus.publish(
    topic,
    bodies.map((value, i) => ({ key: "k", value, headers: { "yunwei.source": "local", "yunwei.items": String(items[i]) } })),
  );
  await running.stored();
}

it("stores a batch in whose middle a full catalogue has begun anew: every row with its own series, and the books agree", async () => {
  await batch(OTLP_METRICS_TOPIC, [points(1, 2, 3, 4, 5, 6, 7, 8)], [8]);
  const first = reader.metrics;
  clockMs += HOUR_MS;
  await batch(OTLP_METRICS_TOPIC, [points(3, 1), points(9, 10), points(11, 3)], [2, 2, 2]);
  expect(reader.metrics).not.toBe(first);
  await batch(OTLP_METRICS_TOPIC, [points(2, 11)], [2]);
  expect(
    await running.store.query(
      "SELECT s.labels['i'] AS i, p.value AS value, count() AS n FROM metric_points AS p LEFT JOIN (SELECT DISTINCT series_id, labels FROM metric_series) AS s ON s.series_id = p.series_id WHERE p.metric = 'renewed' GROUP BY i, value ORDER BY value",
    ),
  ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => ({ i: String(i), value: i, n: String({ 1: 2, 2: 2, 3: 3, 11: 2 }[i] ?? 1) })));
  expect(
    await running.store.query(
      "SELECT toString(messages) AS m, sum(stored) AS n, sum(missing) + sum(surplus) AS off FROM ingest_accounting GROUP BY m, first_off ORDER BY toUInt64(first_off)",
    ),
  ).toEqual([
    { m: "1", n: "8", off: "0" },
    { m: "3", n: "6", off: "0" },
    { m: "1", n: "2", off: "0" },
  ]);
});

it("gives spans their own names when those of others have filled the catalogue", async () => {
  await batch(OTLP_SPANS_TOPIC, [calls(1, 2, 3), calls(4, 5)], [3, 2]); // ten names and peers: two too many
  clockMs += HOUR_MS;
  await batch(OTLP_SPANS_TOPIC, [calls(6, 1)], [2]);
  await batch(OTLP_SPANS_TOPIC, [calls(6, 7)], [2]);
  expect(await running.store.query("SELECT name, peer, count() AS n FROM spans GROUP BY name, peer ORDER BY name, peer")).toEqual([
    { name: "(other)", peer: "(other)", n: "1" },
    { name: "call 1", peer: "peer 1", n: "2" },
    { name: "call 2", peer: "peer 2", n: "1" },
    { name: "call 3", peer: "peer 3", n: "1" },
    { name: "call 4", peer: "peer 4", n: "1" },
    { name: "call 6", peer: "peer 6", n: "2" },
    { name: "call 7", peer: "peer 7", n: "1" },
  ]);
});
