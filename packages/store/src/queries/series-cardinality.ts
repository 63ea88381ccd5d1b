import type { Store } from "../store.ts";

/** A metric by how many series it has. */
export interface MetricCardinality {
  readonly metric: string;
  /** Distinct series with a point on the day; to half a per cent above 65,536. */
  readonly series: number;
  /** The same of the day before. */
  readonly seriesBefore: number;
}

/** What a label has to do with the number of series of a metric. */
export interface LabelCardinality {
  /** Its name; `RESOURCE_LABEL` stands for the resource (host, process, pod) as a whole. */
  readonly label: string;
  /** Distinct values, and series that have it. */
  readonly values: number;
  readonly series: number;
  /** Share of the metric's series that would go if nobody sent it, 0..1: the others differ in something else too. Of a sample: at least so much. */
  readonly share: number;
  /** Values with the most series, about; none where no value stands out. */
  readonly top: readonly { readonly value: string; readonly series: number }[];
}

export interface MetricLabels {
  readonly series: number;
  /** 1 = all series were looked at; N = one of N. */
  readonly sampledOneIn: number;
  /** Those by which most series would go first. */
  readonly labels: readonly LabelCardinality[];
}

export const RESOURCE_LABEL = "(resource)";

/** Series that are looked at in one question; measured: 1.1 s for a million with six labels, on two cores. */
const MAX_SERIES = 1_000_000;
const MAX_LABELS = 100;
const MAX_VALUE_CHARACTERS = 120;
const LIMITS = "max_execution_time = 10, max_memory_usage = 2000000000";

/** Metrics by their series on a day (UTC), most first. @param day - YYYY-MM-DD */
export async function metricCardinality(store: Store, day: string, limit: number): Promise<MetricCardinality[]> {
  const rows = await store.query<{ metric: string; series: string; before: string }>(
    `SELECT metric, toString(uniqIf(series_id, day = toDate({day:String}))) AS series, toString(uniqIf(series_id, day = toDate({day:String}) - 1)) AS before
     FROM metric_series WHERE day BETWEEN toDate({day:String}) - 1 AND toDate({day:String})
     GROUP BY metric ORDER BY uniqIf(series_id, day = toDate({day:String})) DESC, metric LIMIT {limit:UInt32} SETTINGS ${LIMITS}`,
    { day, limit },
  );
  return rows.map(({ metric, series, before }) => ({ metric, series: Number(series), seriesBefore: Number(before) }));
}

/**
 * Which label makes a metric's series: a series is the sum of the hashes of its labels, so that taking a label away is one
 * subtraction, and the series that are the same without it have the same rest. One pass, whatever the number of labels.
 * @param day - YYYY-MM-DD, UTC
 */
export async function labelCardinality(store: Store, metric: string, day: string): Promise<MetricLabels> {
  const where = "metric = {metric:String} AND day = toDate({day:String})";
  const [total] = await store.query<{ series: string; rows: string }>(
    `SELECT toString(uniq(series_id)) AS series, toString(count()) AS rows FROM metric_series WHERE ${where} SETTINGS ${LIMITS}`,
    { metric, day },
  );
  const sampledOneIn = Math.max(1, Math.ceil(Number(total!.rows) / MAX_SERIES));
  const rows = await store.query<LabelRow>(
    `SELECT label, toString(uniq(value)) AS values, toString(uniqCombined64(20)(series_id)) AS series, toString(uniqCombined64(20)(rest)) AS rests, topK(5, 3, 'counts')(substringUTF8(value, 1, ${MAX_VALUE_CHARACTERS})) AS top
     FROM (
       SELECT series_id, arrayJoin(arrayConcat(arrayMap((k, v, h) -> (toString(k), v, total - h), mapKeys(labels), mapValues(labels), pairs), [('${RESOURCE_LABEL}', entity, total - base)])) AS one, one.1 AS label, one.2 AS value, one.3 AS rest
       FROM (
         SELECT series_id, entity, labels, cityHash64(resource_id, 'resource') AS base, arrayMap((k, v) -> cityHash64(k, v), mapKeys(labels), mapValues(labels)) AS pairs,
           base + cityHash64(scope, bounds) + arraySum(pairs) AS total
         FROM metric_series WHERE ${where} AND series_id % {sample:UInt32} = 0
       )
     ) GROUP BY label ORDER BY uniqCombined64(20)(series_id) - uniqCombined64(20)(rest) DESC, label LIMIT ${MAX_LABELS} SETTINGS ${LIMITS}`,
    { metric, day, sample: sampledOneIn },
  );
  const looked = Math.max(1, Number(total!.series) / sampledOneIn);
  return { series: Number(total!.series), sampledOneIn, labels: rows.map((row) => labelOf(row, looked, sampledOneIn)) };
}

interface LabelRow {
  readonly label: string;
  readonly values: string;
  readonly series: string;
  readonly rests: string;
  readonly top: readonly { readonly item: string; readonly count: string; readonly error: string }[];
}

function labelOf({ label, values, series, rests, top }: LabelRow, looked: number, sampledOneIn: number): LabelCardinality {
  const share = Math.min(1, Math.max(0, (Number(series) - Number(rests)) / looked));
  return {
    label,
    values: Number(values),
    series: Number(series) * sampledOneIn,
    share: share < 0.005 ? 0 : share,
    top: top
      .filter(({ count, error }) => Number(error) <= Number(count) / 2)
      .map(({ item, count, error }) => ({ value: item, series: (Number(count) - Number(error)) * sampledOneIn })),
  };
}
