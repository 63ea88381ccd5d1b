import type { Store } from "../store.ts";

/** What a site's metrics say of themselves. */
export interface SiteFreshnessRow {
  readonly site: string;
  /** Newest point, Unix milliseconds, event time. */
  readonly newestMs: number;
  /** Series and machines (hosts and VMs) with a point in the window; undefined where only roll-ups were asked. */
  readonly series: number | undefined;
  readonly hosts: number | undefined;
}

const WINDOW_S = 15 * 60;
const OLDER_DAYS = 30;
/** Clocks of senders may run ahead a little; what is further ahead is not news. */
const AHEAD_S = 300;

/** Sites with points in the last 15 minutes before `nowMs`. Cheap: two narrow columns of the newest hours. */
export async function siteFreshness(store: Store, nowMs: number): Promise<SiteFreshnessRow[]> {
  const now = Math.floor(nowMs / 1000);
  const rows = await store.query<{ site: string; newest: number; series: string; hosts: string }>(
    `SELECT site, toUnixTimestamp(max(ts)) AS newest, uniq(series_id) AS series, uniqIf(entity_id, entity_id IN (
       SELECT entity_id FROM resources WHERE day >= toDate({now:UInt32}) - 1 AND (startsWith(entity, 'host:') OR startsWith(entity, 'vm:')))) AS hosts
     FROM metric_points WHERE ts > toDateTime({from:UInt32}) AND ts <= toDateTime({until:UInt32}) GROUP BY site LIMIT 1000 SETTINGS max_execution_time = 10`,
    { now, from: Math.max(0, now - WINDOW_S), until: now + AHEAD_S },
  );
  return rows.map((row) => ({ site: row.site, newestMs: row.newest * 1000, series: Number(row.series), hosts: Number(row.hosts) }));
}

/** Newest point of every site in the last 30 days, to 5 minutes, for those that are silent now (or are a replay of the past). */
export async function siteLastSeen(store: Store, nowMs: number): Promise<SiteFreshnessRow[]> {
  const now = Math.floor(nowMs / 1000);
  const rows = await store.query<{ site: string; newest: number }>(
    `SELECT site, toUnixTimestamp(max(t)) AS newest FROM metric_5m
     WHERE t > toDateTime({from:UInt32}) AND t <= toDateTime({until:UInt32}) GROUP BY site LIMIT 1000 SETTINGS max_execution_time = 10`,
    { from: Math.max(0, now - OLDER_DAYS * 86_400), until: now + AHEAD_S },
  );
  return rows.map((row) => ({ site: row.site, newestMs: row.newest * 1000, series: undefined, hosts: undefined }));
}
