import type { Store } from "../store.ts";

/** A series as the catalogue knows it. */
export interface SeriesRow {
  /** 16 lower-case hexadecimal digits. */
  readonly seriesId: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "delta" | "histogram" | "exponential_histogram" | "summary";
  readonly monotonic: boolean;
  readonly entity: string;
  readonly site: string;
  readonly department: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SeriesFilter {
  /** Exact; "" = any. */
  readonly entity: string;
  /** Exact; "" = any. */
  readonly metric: string;
  /** Exact; "" or absent = any. */
  readonly site?: string;
  /** Days of our clock on which the series was announced. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
}

const COLUMNS = `leftPad(lower(hex(series_id)), 16, '0') AS seriesId, metric, any(s.unit) AS unit, any(s.kind) AS kind, any(s.monotonic) AS monotonic,
  argMax(s.entity, last_seen) AS entity, argMax(s.site, last_seen) AS site, any(s.department) AS department, argMax(s.labels, last_seen) AS labels`;
const LIMITS = "SETTINGS max_execution_time = 10";

/** Series announced in the time asked for, by metric and id. At most `limit`. */
export function findSeries(store: Store, filter: SeriesFilter): Promise<SeriesRow[]> {
  return store.query<SeriesRow>(
    `SELECT ${COLUMNS} FROM metric_series AS s
     WHERE day BETWEEN toDate({from:UInt32}) AND toDate({until:UInt32}) AND ({entity:String} = '' OR s.entity = {entity:String}) AND ({metric:String} = '' OR metric = {metric:String})
       AND ({site:String} = '' OR s.site = {site:String})
     GROUP BY metric, series_id ORDER BY metric, series_id LIMIT {limit:UInt32} ${LIMITS}`,
    {
      from: dayStart(filter.fromMs),
      until: dayStart(filter.untilMs),
      entity: filter.entity,
      metric: filter.metric,
      site: filter.site ?? "",
      limit: filter.limit,
    },
  );
}

/** One series by its id. @param metric - makes it quick when known; "" = any */
export async function seriesById(store: Store, seriesId: string, metric: string): Promise<SeriesRow | undefined> {
  const [row] = await store.query<SeriesRow>(
    `SELECT ${COLUMNS} FROM metric_series AS s WHERE series_id = {id:UInt64} AND ({metric:String} = '' OR metric = {metric:String}) GROUP BY metric, series_id LIMIT 1 ${LIMITS}`,
    { id: decimalOf(seriesId), metric },
  );
  return row;
}

/** The decimal digits of a 64-bit id given in hexadecimal: what a UInt64 parameter takes. */
export function decimalOf(hex64: string): string {
  return BigInt(`0x${hex64}`).toString();
}

function dayStart(ms: number): number {
  return Math.max(0, Math.floor(ms / 86_400_000) * 86_400);
}
