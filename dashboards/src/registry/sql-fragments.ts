import { SITES } from "@yunwei/schemas";

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text.replaceAll("'", "\\'")}'`).join(", ");
const CORE_TILE = "核心节点";

/** The tiles of the reference estate in their order: the core's three centres are one tile. */
export const TILES: readonly string[] = [...new Set(SITES.map((site) => (site.tile === "core" ? CORE_TILE : site.zh)))];

/** The same as an array in SQL. */
export const TILE_LIST = `[${quoted(TILES)}]`;

/** Chinese name of a site; a customer's own sites keep their id. */
export const siteName = (column: string): string =>
  `transform(${column}, [${quoted(SITES.map((site) => site.id))}], [${quoted(SITES.map((site) => site.zh))}], ${column})`;

/** Name of the tile that a site belongs to. */
export const tileName = (column: string): string =>
  `transform(${column}, [${quoted(SITES.map((site) => site.id))}], [${quoted(SITES.map((site) => (site.tile === "core" ? CORE_TILE : site.zh)))}], ${column})`;

/** True for All; else the column is one of the chosen values. `:singlequote`, because the data source's own format escapes nothing. */
export const among = (column: string, variable: string): string => `$__conditionalAll(${column} IN (\${${variable}:singlequote}), $${variable})`;

/** What a service has served: requests and messages taken, not the calls it made. */
export const SERVED = "kind IN ('server', 'consumer')";

/** Seconds of the bucket `time` that lie in the chosen range: the first and the last are cut, and a rate over their full length would dip. */
export const BUCKET_SECONDS =
  "greatest(1, least(toUnixTimestamp(time) + $__interval_s, toUnixTimestamp($__toTime)) - greatest(toUnixTimestamp(time), toUnixTimestamp($__fromTime)))";

export const RANGE_SECONDS = "greatest(1, toUnixTimestamp($__toTime) - toUnixTimestamp($__fromTime))";

/** How far back an opening is looked for whose closing has not come. */
export const LOOKBACK = "INTERVAL 7 DAY";

/** One row for each harmful deviation that is open at the end of the range (opened in the last 7 days). */
export const openDeviations = (where: string): string =>
  `SELECT anomaly_id, any(site) AS at_site, any(entity) AS of_entity, any(metric) AS of_metric, min(ts) AS opened, argMax(severity, ts) AS level, max(score) AS worst
FROM anomalies WHERE ts > $__toTime - ${LOOKBACK} AND ts <= $__toTime AND ${where}
GROUP BY anomaly_id HAVING level >= 2`;

/** One row for each alert that has fired and is not resolved at the end of the range (last told of in the last 7 days). */
export const activeAlerts = (where: string): string =>
  `SELECT alert_id, argMax(severity, (at, seq)) AS level, argMax(group_id, (at, seq)) AS in_group, any(entity) AS of_entity, any(site) AS at_site, minIf(at, event = 'fired') AS since, argMax(event, (at, seq)) AS state
FROM alert_events WHERE at > $__toTime - ${LOOKBACK} AND at <= $__toTime AND ${where}
GROUP BY alert_id HAVING countIf(event IN ('fired', 'refired')) > 0 AND state != 'resolved'`;

/** Service of an entity key (`service:pay`, `instance:pay/3`, `database:pay-db`). */
export const serviceOfEntity = (column: string): string => `splitByChar('/', substring(${column}, position(${column}, ':') + 1))[1]`;
