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

const RAW = {
  mean: "avgIf(value, isFinite(value))",
  sum: "if(countIf(isFinite(value)) = 0, nan, sumIf(value, isFinite(value)))",
  last: "if(countIf(isFinite(value)) = 0, nan, argMaxIf(value, ts, isFinite(value)))",
} as const;
/** Roll-ups hold finite values only. */
const ROLLED_UP = { mean: "sum(s) / sum(p.n)", sum: "sum(s)", last: "argMaxMerge(p.last)" } as const;

/**
 * Number points in buckets, from raw points or a roll-up, of many series with one statement: planning a statement costs as much as
 * reading a series. On one thread: the lines are in order without sorting them again, and writers keep the other cores.
 * @param series - of number kinds, at most MAX_LINES. @returns a line for each, in their order
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
  const time = isRaw ? "ts" : "t";
  const { condition, parameters } = conditionOf(series, time);
  const bucket = `toUInt32(intDiv(toUnixTimestamp(p.${time}), {step:UInt32}) * {step:UInt32})`;
  const measuredAt = isRaw ? `if(countIf(isFinite(value)) = 0, any(${bucket}), toUnixTimestamp(maxIf(ts, isFinite(value))))` : "toUnixTimestamp(max(p.t))";
  const rows = await store.query<{ id: string; times: number[]; numbers: (number | null)[] }>(
    `SELECT toString(series_id) AS id, groupArray(${measure === "last" ? "at" : "bucket"}) AS times, groupArray(v) AS numbers
     FROM (SELECT series_id, ${bucket} AS bucket, ${(isRaw ? RAW : ROLLED_UP)[measure]} AS v${measure === "last" ? `, ${measuredAt} AS at` : ""}
       FROM ${table} AS p
       WHERE ${condition}
       GROUP BY series_id, bucket ORDER BY series_id, bucket LIMIT ${MAX_BUCKETS} BY series_id)
     GROUP BY series_id ${LINES_LIMITS}`,
    { ...parameters, ...spanOf(window) },
  );
  const lines = new Map(rows.map(({ id, times, numbers }) => [id, { t: times, values: numbers }]));
  return series.map((one) => lines.get(decimalOf(one.seriesId)) ?? { t: [], values: [] });
}

/**
 * Counts and sums of histograms, exponential histograms or summaries in buckets; those of one kind with one statement.
 * @param series - at most MAX_LINES. @returns the buckets of each, in their order
 */
export async function distributionBuckets(store: Store, series: readonly SeriesRow[], window: PointsWindow): Promise<DistributionBucket[][]> {
  const lines = new Map<string, DistributionBucket[]>();
  for (const table of new Set(series.map(distributionTable))) {
    const alike = series.filter((one) => distributionTable(one) === table);
    const { condition, parameters } = conditionOf(alike, "ts");
    // OTLP: 1 = delta, 2 = cumulative; a summary is cumulative.
    const cumulative = table === "metric_summary" ? "true" : "max(p.temporality) = 2";
    const rows = await store.query<{ id: string; buckets: [t: number, count: number, sum: number | null, cumulative: boolean][] }>(
      `SELECT toString(series_id) AS id,
         groupArray((bucket, toFloat64(if(cumulative, lastCount, allCount)), if(cumulative, lastSum, allSum), cumulative)) AS buckets
       FROM (SELECT series_id, toUInt32(intDiv(toUnixTimestamp(p.ts), {step:UInt32}) * {step:UInt32}) AS bucket, ${cumulative} AS cumulative,
           argMax(p.count, p.ts) AS lastCount, argMax(p.sum, p.ts) AS lastSum, sum(p.count) AS allCount, sum(p.sum) AS allSum
         FROM ${table} AS p WHERE ${condition}
         GROUP BY series_id, bucket ORDER BY series_id, bucket LIMIT ${MAX_BUCKETS} BY series_id)
       GROUP BY series_id ${LINES_LIMITS}`,
      { ...parameters, ...spanOf(window) },
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
function parameterList(name: string, type: "String" | "UInt64", values: ReadonlySet<string>) {
  const names = Array.from(values, (_, i) => `${name}${i}`);
  return { list: names.map((one) => `{${one}:${type}}`).join(", "), parameters: Object.fromEntries([...values].map((value, i) => [names[i]!, value])) };
}

/** A condition that picks these series and the window (spanOf) from a table `p`. @param time - its column of time. @throws RangeError for more than MAX_LINES */
function conditionOf(series: readonly SeriesRow[], time: string) {
  if (series.length > MAX_LINES) throw new RangeError(`${series.length} series at once: at most ${MAX_LINES}`);
  const metrics = parameterList("metric", "String", new Set(series.map((one) => one.metric)));
  const departments = parameterList("department", "String", new Set(series.map((one) => one.department)));
  const ids = parameterList("id", "UInt64", new Set(series.map((one) => decimalOf(one.seriesId))));
  return {
    condition: `metric IN (${metrics.list}) AND department IN (${departments.list}) AND series_id IN (${ids.list})
         AND p.${time} >= toDateTime({from:UInt32}) AND p.${time} <= toDateTime({until:UInt32})`,
    parameters: { ...metrics.parameters, ...departments.parameters, ...ids.parameters },
  };
}

function spanOf(window: PointsWindow) {
  return { from: seconds(window.fromMs), until: seconds(window.untilMs), step: window.stepSeconds };
}

function seconds(ms: number): number {
  return Math.min(4_294_967_295, Math.max(0, Math.floor(ms / 1000)));
}
