import { afterAll, beforeAll, expect, it } from "vitest";
import { attribute, countOf, gauge, nowNano, post, proto, resource } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";

const DAY_MS = 86_400_000;
/** As old as the time rule allows, a point and a record a day and one of now. */
const AGES_MS = Array.from({ length: 14 }, (_, day) => (day === 13 ? 13 * DAY_MS - 60_000 : day * DAY_MS));
/** ClickHouse's own limit of partitions in one insert. */
const DEFAULT_LIMIT = 100;

let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest();
});
afterAll(() => running.close());

const partitions = async (table: string): Promise<number> =>
  Number(
    (
      await running.store.query<{ n: string }>("SELECT toString(uniqExact(partition)) AS n FROM system.parts WHERE active AND table = {table:String}", {
        table,
      })
    )[0]!.n,
  );

/** docs/adr/0010: why there is no path of its own for late data. */
it("stores data of every age that the time rule allows with one insert a table, in far fewer partitions than the engine allows", async () => {
  const points = AGES_MS.map((ageMs) => ({ timeUnixNano: nowNano(-ageMs), asDouble: 1 }));
  const record = (ageMs: number) => ({ timeUnixNano: nowNano(-ageMs), severityNumber: 9, body: { stringValue: "late" }, attributes: [attribute("k", "v")] });
  const logs = { resourceLogs: [{ resource, scopeLogs: [{ logRecords: AGES_MS.map(record) }] }] };
  expect((await post(running, "/v1/metrics", proto("metrics", gauge("late", points)))).status).toBe(200);
  expect((await post(running, "/v1/logs", proto("logs", logs))).status).toBe(200);
  await running.stored();
  expect(await countOf(running, "metric_points", "metric = 'late'")).toBe(AGES_MS.length);
  expect(await countOf(running, "logs")).toBe(AGES_MS.length);
  const [rollup] = await running.store.query("SELECT toString(sum(n)) AS n FROM metric_1h WHERE metric = 'late'");
  expect(rollup).toEqual({ n: String(AGES_MS.length) });
  const touched = await Promise.all(["metric_points", "logs", "metric_5m", "metric_1h"].map(partitions));
  expect(touched[0]).toBeGreaterThanOrEqual(14);
  expect(Math.max(...touched)).toBeLessThanOrEqual(15);
  // Three retention classes of logs would be three times as many.
  expect(3 * Math.max(...touched)).toBeLessThan(DEFAULT_LIMIT);
});
