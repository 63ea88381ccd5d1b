import type { Store } from "../store.ts";
import { decimalOf, type SeriesRow } from "./series-catalogue.ts";

/** What one bucket of time holds of a series. Values are null where nothing finite was measured. */
export interface NumberBucket {
  /** Begin of the bucket, Unix seconds. */
  readonly t: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly sum: number | null;
  readonly last: number | null;
  /** Time of `last`, Unix seconds: to the point in raw data, to the bucket in roll-ups. */
  readonly lastT: number;
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
const LIMITS = `LIMIT ${MAX_BUCKETS} SETTINGS max_execution_time = 10`;

/** Number points in buckets, from raw points or a roll-up, in the order of time; empty buckets are left out. */
export function numberBuckets(
  store: Store,
  series: SeriesRow,
  table: "metric_points" | "metric_5m" | "metric_1h",
  window: PointsWindow,
): Promise<NumberBucket[]> {
  const isRaw = table === "metric_points";
  const time = isRaw ? "ts" : "t";
  const values = isRaw
    ? `avgIf(value, isFinite(value)) AS mean, minIf(value, isFinite(value)) AS min, maxIf(value, isFinite(value)) AS max,
       sumIf(value, isFinite(value)) AS sum, argMaxIf(value, ts, isFinite(value)) AS last, toUnixTimestamp(maxIf(ts, isFinite(value))) AS lastT, countIf(isFinite(value)) AS n`
    : "sum(s) / sum(p.n) AS mean, min(mn) AS min, max(mx) AS max, sum(s) AS sum, argMaxMerge(p.last) AS last, toUnixTimestamp(max(p.t)) AS lastT, sum(p.n) AS n";
  return store.query<NumberBucket>(
    `SELECT bucket AS t, if(n = 0, NULL, mean) AS mean, if(n = 0, NULL, min) AS min, if(n = 0, NULL, max) AS max, if(n = 0, NULL, sum) AS sum, if(n = 0, NULL, last) AS last, lastT
     FROM (SELECT toUInt32(intDiv(toUnixTimestamp(${time}), {step:UInt32}) * {step:UInt32}) AS bucket, ${values}
       FROM ${table} AS p WHERE ${seriesCondition(time)} GROUP BY bucket)
     ORDER BY t ${LIMITS}`,
    parametersOf(series, window),
  );
}

/** Counts and sums of a histogram, exponential histogram or summary in buckets. */
export function distributionBuckets(store: Store, series: SeriesRow, window: PointsWindow): Promise<DistributionBucket[]> {
  const table = series.kind === "histogram" ? "metric_hist" : series.kind === "summary" ? "metric_summary" : "metric_exphist";
  // OTLP: 1 = delta, 2 = cumulative; a summary is cumulative.
  const cumulative = series.kind === "summary" ? "true" : "max(temporality) = 2";
  return store.query<DistributionBucket>(
    `SELECT bucket AS t, toFloat64(if(cumulative, lastCount, allCount)) AS count, if(cumulative, lastSum, allSum) AS sum, cumulative
     FROM (SELECT toUInt32(intDiv(toUnixTimestamp(ts), {step:UInt32}) * {step:UInt32}) AS bucket, ${cumulative} AS cumulative,
       argMax(h.count, ts) AS lastCount, argMax(h.sum, ts) AS lastSum, sum(h.count) AS allCount, sum(h.sum) AS allSum
       FROM ${table} AS h WHERE ${seriesCondition("ts")} GROUP BY bucket)
     ORDER BY t ${LIMITS}`,
    parametersOf(series, window),
  );
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

function seriesCondition(time: string): string {
  return `metric = {metric:String} AND department = {department:String} AND series_id = {id:UInt64} AND ${time} >= toDateTime({from:UInt32}) AND ${time} <= toDateTime({until:UInt32})`;
}

function parametersOf(series: SeriesRow, window: PointsWindow) {
  return {
    metric: series.metric,
    department: series.department,
    id: decimalOf(series.seriesId),
    from: seconds(window.fromMs),
    until: seconds(window.untilMs),
    step: window.stepSeconds,
  };
}

function seconds(ms: number): number {
  return Math.min(4_294_967_295, Math.max(0, Math.floor(ms / 1000)));
}
