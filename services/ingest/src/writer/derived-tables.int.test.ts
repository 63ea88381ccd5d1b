import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute, countOf, gauge, post, proto, resource } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";

let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest();
});
afterAll(() => running.close());

const MINUTE_MS = 60_000;
const nano = (ms: number): string => `${ms}000000`;

/** Points of a series over three days, out of order, with values that are no numbers. */
function scattered(series: number): object[] {
  const nowMs = Date.now();
  return Array.from({ length: 400 }, (_, i) => ({
    timeUnixNano: nano(nowMs - ((i * 7919 * (series + 1)) % (3 * 24 * 60)) * MINUTE_MS - i),
    asDouble: i % 29 === 0 ? "NaN" : i % 31 === 0 ? "Infinity" : Math.sin(i * (series + 1)) * 1e6,
    attributes: [attribute("series", String(series))],
  }));
}

describe("what the writer derives is what the engine would", () => {
  it("sums roll-ups up, with the engine's own state of the last value", async () => {
    for (let request = 0; request < 3; request++) {
      const points = [0, 1, 2].flatMap((series) => scattered(series + request));
      expect((await post(running, "/v1/metrics", proto("metrics", gauge("derived.gauge", points)))).status).toBe(200);
    }
    await running.stored();
    for (const [table, bucket] of [
      ["metric_5m", "toStartOfFiveMinutes(ts)"],
      ["metric_1h", "toStartOfHour(ts)"],
    ]) {
      const own = await running.store.query(
        `SELECT toString(series_id) AS id, t, sum(n) AS count, round(sum(s), 3) AS total, min(mn) AS least, max(mx) AS most, argMaxMerge(last) AS last, any(site) AS place, any(entity_id) AS entity
         FROM ${table} WHERE metric = 'derived.gauge' GROUP BY id, t ORDER BY id, t`,
      );
      const engine = await running.store.query(
        `SELECT toString(series_id) AS id, ${bucket} AS t, count() AS count, round(sum(value), 3) AS total, min(value) AS least, max(value) AS most, argMax(value, ts) AS last, any(site) AS place, any(entity_id) AS entity
         FROM metric_points WHERE metric = 'derived.gauge' AND isFinite(value) GROUP BY id, t ORDER BY id, t`,
      );
      expect(own.length).toBeGreaterThan(50);
      expect(own).toEqual(engine);
    }
  });

  it("keeps the index of traces", async () => {
    const nowMs = Date.now();
    const spans = Array.from({ length: 200 }, (_, i) => ({
      traceId: (i % 40).toString(16).padStart(32, "a"),
      spanId: (i + 1).toString(16).padStart(16, "0"),
      name: `GET /${i % 7}`,
      kind: 2,
      startTimeUnixNano: nano(nowMs - ((i * 37) % 3000) * MINUTE_MS),
      endTimeUnixNano: nano(nowMs - ((i * 37) % 3000) * MINUTE_MS + i),
      status: { code: i % 5 === 0 ? 2 : 0 },
    }));
    expect((await post(running, "/v1/traces", proto("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }))).status).toBe(200);
    await running.stored();
    const own = await running.store.query(
      "SELECT department, day, hex(trace_id) AS id, min(start) AS first, max(end) AS last, sum(spans) AS count, sum(errors) AS failed FROM trace_index GROUP BY department, day, trace_id ORDER BY day, id",
    );
    const engine = await running.store.query(
      "SELECT department, toDate(ts) AS day, hex(trace_id) AS id, min(ts) AS first, max(ts + toIntervalMicrosecond(duration_us)) AS last, count() AS count, countIf(status = 'error') AS failed FROM spans GROUP BY department, day, trace_id ORDER BY day, id",
    );
    expect(own.length).toBeGreaterThan(40);
    expect(own).toEqual(engine);
  });
});

describe("a batch of which the engine refuses a part", () => {
  it("is stored but for the messages at fault, which go to the dead letters, and the books say so", async () => {
    await running.store.command("ALTER TABLE metric_points ADD CONSTRAINT no_beast CHECK value != 666");
    try {
      const values = Array.from({ length: 40 }, (_, i) => (i === 7 || i === 31 ? 666 : i));
      const answers = await Promise.all(
        values.map((asDouble) => post(running, "/v1/metrics", proto("metrics", gauge("halved.gauge", [{ timeUnixNano: nano(Date.now()), asDouble }])))),
      );
      expect(answers.map(({ status }) => status)).toEqual(values.map(() => 200));
      await running.stored();
    } finally {
      await running.store.command("ALTER TABLE metric_points DROP CONSTRAINT no_beast");
    }
    expect(await countOf(running, "metric_points", "metric = 'halved.gauge'")).toBe(38);
    expect(await running.store.query("SELECT stage, count() AS messages FROM ingest_dlq GROUP BY stage")).toEqual([
      { stage: "insert metric_points", messages: "2" },
    ]);
    const [books] = await running.store.query(
      "SELECT sum(accepted) = sum(stored) + sum(dead_items) AS balanced, sum(dead_items) AS dead, sum(missing) + sum(surplus) AS off FROM ingest_accounting",
    );
    expect(books).toEqual({ balanced: 1, dead: "2", off: "0" });
  });

  it("keeps what is derived of the whole batch", async () => {
    await running.store.command("ALTER TABLE spans ADD CONSTRAINT no_beast CHECK name != 'beast'");
    const span = (i: number) => ({
      traceId: i.toString(16).padStart(32, "b"),
      spanId: (i + 1).toString(16).padStart(16, "b"),
      name: i === 7 || i === 31 ? "beast" : "fine",
      kind: 2,
      startTimeUnixNano: nano(Date.now()),
      endTimeUnixNano: nano(Date.now()),
    });
    try {
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          post(running, "/v1/traces", proto("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans: [span(i)] }] }] })),
        ),
      );
      await running.stored();
    } finally {
      await running.store.command("ALTER TABLE spans DROP CONSTRAINT no_beast");
    }
    expect(await countOf(running, "spans", "name = 'fine'")).toBe(38);
    const ids = await running.store.query<{ id: string; spans: string }>(
      "SELECT lower(hex(trace_id)) AS id, sum(spans) AS spans FROM trace_index WHERE startsWith(id, 'bbbb') GROUP BY trace_id ORDER BY id",
    );
    expect(ids.map(({ spans }) => spans)).toEqual(Array.from({ length: 40 }, () => "1"));
  });
});
