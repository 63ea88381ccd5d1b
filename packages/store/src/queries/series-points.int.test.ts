import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedStore } from "../embedded-store.ts";
import { migrateStore } from "../migrate.ts";
import type { Store } from "../store.ts";
import type { SeriesRow } from "./series-catalogue.ts";
import { type NumberLine, type NumberMeasure, numberBuckets, type PointsWindow } from "./series-points.ts";

const START_S = Date.UTC(2026, 10, 26, 4) / 1000;
const SPAN_S = 7_200;
const TABLES = { metric_points: 1, metric_5m: 300, metric_1h: 3_600 } as const;
type Table = keyof typeof TABLES;

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-points-"));
  store = await openEmbeddedStore({ folder });
  await migrateStore(store, fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url)));
  await store.command("SYSTEM STOP TTL MERGES"); // the days here are fixed, the engine's clock goes on
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

interface Reading {
  readonly series: number;
  readonly at: number;
  readonly value: number;
}

const reading = fc.record({
  series: fc.nat(2),
  at: fc.nat(SPAN_S).map((offset) => START_S + offset),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
  ),
});
const readings = fc.uniqueArray(reading, { maxLength: 60, selector: ({ series, at }) => 3 * at + series });

/** Names are what a sender chose. */
const rowOf = (index: number): SeriesRow =>
  ({ seriesId: (0xf000_0000_0000_0001n + BigInt(index)).toString(16), metric: "it's \\ 50 %\n{x:String}", department: `d'${index % 2}` }) as SeriesRow;

async function fill(all: readonly Reading[], pieces: number): Promise<void> {
  for (const table of Object.keys(TABLES)) await store.command(`TRUNCATE TABLE ${table}`);
  for (let piece = 0; piece < pieces; piece++) {
    const rows = all.filter((_, i) => i % pieces === piece);
    if (rows.length === 0) continue;
    const text = rows.map(({ series, at, value }) => `(${series}, ${at}, ${value})`.replace("Infinity", "inf").replace("NaN", "nan")).join(", ");
    const source = `(SELECT {metric:String} AS metric, concat({department:String}, toString(k % 2)) AS department, 0xf000000000000001 + k AS series_id, toDateTime(at) AS ts, v AS value
      FROM VALUES('k UInt8, at UInt32, v Float64', ${text}))`;
    const parameters = { metric: rowOf(0).metric, department: "d'" };
    await store.command(
      `INSERT INTO metric_points (metric, department, series_id, kind, ts, value) SELECT metric, department, series_id, 'gauge', ts, value FROM ${source}`,
      parameters,
    );
    for (const [table, step] of Object.entries(TABLES).slice(1)) {
      await store.command(
        `INSERT INTO ${table} (metric, department, series_id, t, n, s, mn, mx, last)
         SELECT metric, department, series_id, toDateTime(intDiv(toUnixTimestamp(ts), ${step}) * ${step}) AS t, count(), sum(value), min(value), max(value), argMaxState(value, ts)
         FROM ${source} WHERE isFinite(value) GROUP BY metric, department, series_id, t`,
        parameters,
      );
    }
  }
}

/** What the question says, one reading after the other. */
function expected(all: readonly Reading[], series: number, measure: NumberMeasure, table: Table, { fromMs, untilMs, stepSeconds }: PointsWindow): NumberLine {
  const own = TABLES[table];
  const buckets = new Map<number, { stored: number; at: number; value: number }[]>();
  for (const { at, value } of all.filter((one) => one.series === series && (table === "metric_points" || Number.isFinite(one.value)))) {
    const stored = at - (at % own);
    if (stored < Math.floor(fromMs / 1000) || stored > Math.floor(untilMs / 1000)) continue;
    const bucket = stored - (stored % stepSeconds);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), { stored, at, value }]);
  }
  const line = [...buckets]
    .sort(([one], [other]) => one - other)
    .map(([bucket, rows]): [number, number | null] => {
      const finite = rows.filter(({ value }) => Number.isFinite(value)).sort((one, other) => one.at - other.at);
      if (finite.length === 0) return [bucket, null];
      const sum = finite.reduce((total, { value }) => total + value, 0);
      if (measure === "last") return [Math.max(...finite.map(({ stored }) => stored)), finite.at(-1)!.value];
      return [bucket, measure === "sum" ? sum : sum / finite.length];
    });
  return { t: line.map(([at]) => at), values: line.map(([, value]) => value) };
}

const close = ({ t, values }: NumberLine) => ({ t, values: values.map((value) => (value === null ? null : Number(value.toFixed(6)))) });

describe("points of number series in buckets", () => {
  it.each<Table>(["metric_points", "metric_5m", "metric_1h"])("are what a plain sum over the readings gives, from %s", async (table) => {
    await fc.assert(
      fc.asyncProperty(
        readings,
        fc.integer({ min: 1, max: 3 }),
        fc.nat(SPAN_S),
        fc.nat(SPAN_S),
        fc.integer({ min: 1, max: 12 }),
        async (all, pieces, one, other, steps) => {
          await fill(all, pieces);
          const stepSeconds = table === "metric_points" ? 60 * steps : steps * TABLES[table];
          const window = { fromMs: 1000 * (START_S + Math.min(one, other)) + 1, untilMs: 1000 * (START_S + Math.max(one, other)) + 999, stepSeconds };
          for (const measure of ["mean", "sum", "last"] as const) {
            const lines = await numberBuckets(store, [rowOf(2), rowOf(0), rowOf(1), rowOf(7)], measure, table, window);
            expect(lines.map(close)).toEqual([2, 0, 1, 7].map((series) => close(expected(all, series, measure, table, window))));
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("is nothing of no series; more series or buckets than a person can look at are refused", async () => {
    const window = { fromMs: 1000 * START_S, untilMs: 1000 * START_S + 60_000, stepSeconds: 60 };
    expect(await numberBuckets(store, [], "mean", "metric_points", window)).toEqual([]);
    await expect(
      numberBuckets(
        store,
        Array.from({ length: 101 }, (_, i) => rowOf(i)),
        "mean",
        "metric_points",
        window,
      ),
    ).rejects.toThrow("at most 100");
    await expect(numberBuckets(store, [rowOf(0)], "mean", "metric_points", { ...window, untilMs: window.fromMs + 5_000_000, stepSeconds: 1 })).rejects.toThrow(
      "at most 5000",
    );
  });
});
