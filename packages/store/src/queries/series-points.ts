import type { Store } from "../store.ts";
import { decimalOf, type SeriesRow } from "./series-catalogue.ts";

/** What a bucket of time tells of a series: the mean or the sum of its values, or the last of them. */
export type NumberMeasure = "mean" | "sum" | "last";

/** Values of a series in the order of time; empty buckets are left out. */
export interface NumberLine {
  /** Unix seconds: the begin of the bucket; of "last" when it was measured, to the point in raw data, to the bucket in roll-ups. */
  readonly t: readonly number[];
  /** null where nothing finite was measured. */
  readonly values: readonly (number | null)[];
}

export interface DistributionBucket {
  readonly t: number;
  /** Observations and their sum: as they were cumulated, or added up in the bucket (delta). */
  readonly count: number;
  readonly sum: number | null;
  readonly cumulative: boolean;
}

export interface PointsWindow {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Whole seconds, >= 1. */
  readonly stepSeconds: number;
}

/** Buckets a person can look at. */
const MAX_BUCKETS = 5_000;
/** Lines a person can tell apart, and some more. */
export const MAX_LINES = 100;
const LINES_LIMITS = `LIMIT ${MAX_LINES} SETTINGS max_threads = 1, max_execution_time = 10`;

/** What a statement gives of a series: an entry a bucket, the first of them the first of the window. */
interface BucketRow {
  readonly id: string;
  readonly numbers: readonly (number | null)[];
  /** 0 = nothing is stored there; of means from a roll-up also what to divide by. */
  readonly counts: readonly number[];
  /** Of "last": when it was measured; 0 where nothing finite was. */
  readonly times?: readonly number[];
}

/** Columns of BucketRow, by measure. @param steps - begin, end and length of the buckets, for -Resample. @param time - an expression */
type Columns = (steps: string, time: string) => string;
const seen: Columns = (steps, time) => `anyResample(${steps})(toUInt8(1), ${time}) AS counts`;
const RAW: Readonly<Record<NumberMeasure, Columns>> = {
  mean: (steps, time) => `avgIfResample(${steps})(value, isFinite(value), ${time}) AS numbers, ${seen(steps, time)}`,
  sum: (steps, time) => `sumOrNullIfResample(${steps})(value, isFinite(value), ${time}) AS numbers, ${seen(steps, time)}`,
  last: (steps, time) =>
    `argMaxOrNullIfResample(${steps})(value, ts, isFinite(value), ${time}) AS numbers, maxIfResample(${steps})(${time}, isFinite(value), ${time}) AS times, ${seen(steps, time)}`,
};
/** Roll-ups hold finite values only. */
const ROLLED_UP: Readonly<Record<NumberMeasure, Columns>> = {
  mean: (steps, time) => `sumResample(${steps})(s, ${time}) AS numbers, sumResample(${steps})(toFloat64(p.n), ${time}) AS counts`,
  sum: (steps, time) => `sumResample(${steps})(s, ${time}) AS numbers, ${seen(steps, time)}`,
  last: (steps, time) => `argMaxMergeResample(${steps})(p.last, ${time}) AS numbers, maxResample(${steps})(${time}, ${time}) AS times, ${seen(steps, time)}`,
};

/**
 * Number points in buckets, from raw points or a roll-up, of many series with one statement: planning a statement costs as much as
 * reading a series, and one that groups by series alone, a bucket being a place in an array, costs a third less than one with a
 * statement inside it. On one thread: writers keep the other cores.
 * @param series - of number kinds, at most MAX_LINES. @returns a line for each, in their order
 * @throws RangeError for more than MAX_LINES series or MAX_BUCKETS buckets
 */
export async function numberBuckets(
  store: Store,
  series: readonly SeriesRow[],
  measure: NumberMeasure,
  table: "metric_points" | "metric_5m" | "metric_1h",
  window: PointsWindow,
): Promise<NumberLine[]> {
  if (series.length === 0) return [];
  const isRaw = table === "metric_points";
  const { stepSeconds } = window;
  const first = seconds(window.fromMs) - (seconds(window.fromMs) % stepSeconds);
  const buckets = Math.max(1, Math.floor((seconds(window.untilMs) - first) / stepSeconds) + 1);
  if (buckets > MAX_BUCKETS) throw new RangeError(`${buckets} buckets: at most ${MAX_BUCKETS}; ask for longer steps`);
  const { condition, parameters } = conditionOf(series, isRaw ? "ts" : "t", window);
  const isTotal = measure === "mean" && !isRaw;
  const steps = `${first}, ${first + buckets * stepSeconds}, ${stepSeconds}`;
  const columns = (isRaw ? RAW : ROLLED_UP)[measure](steps, isRaw ? "toUnixTimestamp(ts)" : "toUnixTimestamp(t)");
  const rows = await store.query<BucketRow>(
    `SELECT series_id AS id, ${columns} FROM ${table} AS p WHERE ${condition} GROUP BY series_id ${LINES_LIMITS}`,
    parameters,
  );
  const lines = new Map(rows.map((row) => [row.id, lineOf(row, isTotal, first, stepSeconds)]));
  return series.map((one) => lines.get(decimalOf(one.seriesId)) ?? { t: [], values: [] });
}

/** @param isTotal - the numbers are to be divided by the counts */
function lineOf({ numbers, counts, times }: BucketRow, isTotal: boolean, first: number, step: number): NumberLine {
  const t: number[] = [];
  const values: (number | null)[] = [];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    if (counts[bucket] === 0) continue;
    const number = numbers[bucket]!;
    t.push(times?.[bucket] || first + bucket * step);
    values.push(isTotal && number !== null ? number / counts[bucket]! : number);
  }
  return { t, values };
}

/**
 * Counts and sums of histograms, exponential histograms or summaries in buckets; those of one kind with one statement.
 * @param series - at most MAX_LINES. @returns the buckets of each, in their order
 */
export async function distributionBuckets(store: Store, series: readonly SeriesRow[], window: PointsWindow): Promise<DistributionBucket[][]> {
  const lines = new Map<string, DistributionBucket[]>();
  for (const table of new Set(series.map(distributionTable))) {
    const alike = series.filter((one) => distributionTable(one) === table);
    const { condition, parameters } = conditionOf(alike, "ts", window);
    // OTLP: 1 = delta, 2 = cumulative; a summary is cumulative.
    const cumulative = table === "metric_summary" ? "true" : "max(p.temporality) = 2";
    const rows = await store.query<{ id: string; buckets: [t: number, count: number, sum: number | null, cumulative: boolean][] }>(
      `SELECT toString(series_id) AS id,
         groupArray((bucket, toFloat64(if(cumulative, lastCount, allCount)), if(cumulative, lastSum, allSum), cumulative)) AS buckets
       FROM (SELECT series_id, toUInt32(intDiv(toUnixTimestamp(p.ts), ${window.stepSeconds}) * ${window.stepSeconds}) AS bucket, ${cumulative} AS cumulative,
           argMax(p.count, p.ts) AS lastCount, argMax(p.sum, p.ts) AS lastSum, sum(p.count) AS allCount, sum(p.sum) AS allSum
         FROM ${table} AS p WHERE ${condition}
         GROUP BY series_id, bucket ORDER BY series_id, bucket LIMIT ${MAX_BUCKETS} BY series_id)
       GROUP BY series_id ${LINES_LIMITS}`,
      parameters,
    );
    for (const { id, buckets } of rows)
      lines.set(
        id,
        buckets.map(([t, count, sum, cumulative]) => ({ t, count, sum, cumulative })),
      );
  }
  return series.map((one) => lines.get(decimalOf(one.seriesId)) ?? []);
}

function distributionTable({ kind }: SeriesRow): string {
  return kind === "histogram" ? "metric_hist" : kind === "summary" ? "metric_summary" : "metric_exphist";
}

/** Newest values of many series in a stretch of time, with the oldest beside them for counters. */
export interface LastValueRow {
  readonly seriesId: string;
  readonly newest: number;
  readonly value: number | null;
  readonly oldest: number;
  readonly oldestValue: number | null;
}

/** @param series - number series of one department and entity; at most 1,000 are looked at */
export function lastValues(store: Store, series: readonly SeriesRow[], fromMs: number, untilMs: number): Promise<LastValueRow[]> {
  const asked = series.slice(0, 1000);
  if (asked.length === 0) return Promise.resolve([]);
  return store.query<LastValueRow>(
    `SELECT leftPad(lower(hex(series_id)), 16, '0') AS seriesId, toUnixTimestamp(max(ts)) AS newest, argMax(p.value, ts) AS value, toUnixTimestamp(min(ts)) AS oldest, argMin(p.value, ts) AS oldestValue
     FROM metric_points AS p WHERE metric IN ({metrics:Array(String)}) AND series_id IN (SELECT toUInt64(arrayJoin({ids:Array(String)})))
       AND ts >= toDateTime({from:UInt32}) AND ts <= toDateTime({until:UInt32}) AND isFinite(p.value)
     GROUP BY series_id LIMIT 1000 SETTINGS max_execution_time = 10`,
    {
      metrics: [...new Set(asked.map((one) => one.metric))],
      ids: asked.map((one) => decimalOf(one.seriesId)),
      from: seconds(fromMs),
      until: seconds(untilMs),
    },
  );
}

/** A parameter for each value: planning a statement with an array as one parameter took a fifth longer. */
function parameterList(name: string, values: ReadonlySet<string>) {
  const names = Array.from(values, (_, i) => `${name}${i}`);
  return { list: names.map((one) => `{${one}:String}`).join(", "), parameters: Object.fromEntries([...values].map((value, i) => [names[i]!, value])) };
}

/**
 * A condition that picks these series and the window from a table `p`. What senders name goes as parameters; numbers of ours stand in
 * the statement, as a parameter costs a tenth of a millisecond.
 * @param time - its column of time. @throws RangeError for more than MAX_LINES
 */
function conditionOf(series: readonly SeriesRow[], time: string, window: PointsWindow) {
  if (series.length > MAX_LINES) throw new RangeError(`${series.length} series at once: at most ${MAX_LINES}`);
  const metrics = parameterList("metric", new Set(series.map((one) => one.metric)));
  const departments = parameterList("department", new Set(series.map((one) => one.department)));
  const ids = [...new Set(series.map((one) => decimalOf(one.seriesId)))];
  return {
    condition: `metric IN (${metrics.list}) AND department IN (${departments.list}) AND series_id IN (${ids.join(", ")})
         AND p.${time} >= toDateTime(${seconds(window.fromMs)}) AND p.${time} <= toDateTime(${seconds(window.untilMs)})`,
    parameters: { ...metrics.parameters, ...departments.parameters },
  };
}

function seconds(ms: number): number {
  return Math.min(4_294_967_295, Math.max(0, Math.floor(ms / 1000)));
}
