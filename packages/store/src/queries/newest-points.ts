import type { Store } from "../store.ts";

export interface PointRow {
  readonly seriesId: string;
  readonly entity: string;
  readonly site: string;
  readonly tier: string;
  readonly department: string;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeMs: number;
  readonly value: number;
}

const MAX_ROWS = 20_000;

/** Points of a metric since `sinceMs` (event time), oldest first, with what their series are; values that are not finite are left out. */
export async function newestPoints(store: Store, metric: string, sinceMs: number): Promise<PointRow[]> {
  return store.query<PointRow>(
    `SELECT lower(hex(p.series_id)) AS seriesId, s.entity AS entity, p.site AS site, p.tier AS tier, p.department AS department, s.unit AS unit, s.labels AS labels, toUnixTimestamp(p.ts) * 1000. AS timeMs, p.value AS value
     FROM (SELECT series_id, site, tier, department, ts, value FROM metric_points WHERE metric = {metric:String} AND ts > toDateTime({since:UInt32}) AND isFinite(value) ORDER BY ts LIMIT {limit:UInt32}) AS p
     INNER JOIN (SELECT series_id, any(entity) AS entity, any(unit) AS unit, any(labels) AS labels FROM metric_series WHERE metric = {metric:String} AND day >= yesterday() GROUP BY series_id) AS s ON p.series_id = s.series_id
     ORDER BY p.ts, seriesId`,
    { metric, since: Math.max(0, Math.floor(sinceMs / 1000)), limit: MAX_ROWS },
  );
}
