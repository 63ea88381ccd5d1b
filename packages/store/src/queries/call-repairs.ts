import type { Store } from "../store.ts";

/** The callee of a call began at most so long before its caller (clocks differ), and after it (messages wait in queues). */
const EARLY_S = 60;
const LATE_S = 300;
/** A minute is counted when all of its calls' ends can be there, and nothing has come for it for a while. */
const CLOSED_S = 60 + LATE_S;
const QUIET_MS = 120_000;
const LIMITS = "max_threads = 1, max_insert_threads = 1, max_execution_time = 120, max_memory_usage = 3000000000";
const KEYS = "department, site, tier, t, src, dst, dst_kind, dst_site";

/** A minute (since 1970) that was marked, and when the last time, Unix milliseconds. */
export interface MarkedMinute {
  readonly minute: number;
  readonly markedMs: number;
}

/** Notes, durably, that the calls of these minutes are to be counted anew. Repeatable. */
export async function markCallMinutes(store: Store, minutes: readonly number[], atMs: number): Promise<void> {
  await store.insertRows(
    "call_repairs",
    minutes.map((minute) => ({ t: 60 * minute, at: (atMs / 1000).toFixed(3), done: 0 })),
  );
}

/** Notes that a minute was counted for its last mark. */
export async function noteCallRepair(store: Store, { minute, markedMs }: MarkedMinute): Promise<void> {
  await store.insertRows("call_repairs", [{ t: 60 * minute, at: (markedMs / 1000).toFixed(3), done: 1 }]);
}

/** Marked minutes that can be counted now, the oldest first; days whose spans were dropped are left as they are. */
export async function pendingCallMinutes(store: Store, nowMs: number, limit: number): Promise<MarkedMinute[]> {
  const rows = await store.query<{ minute: number; marked: string }>(
    `SELECT toUInt32(intDiv(toUnixTimestamp(t), 60)) AS minute, toString(maxIf(toUnixTimestamp64Milli(at), done = 0)) AS marked
     FROM call_repairs GROUP BY t
     HAVING maxIf(toUnixTimestamp64Milli(at), done = 0) > maxIf(toUnixTimestamp64Milli(at), done = 1)
       AND maxIf(toUnixTimestamp64Milli(at), done = 0) <= {quiet:Int64} AND toUnixTimestamp(t) <= {closed:Int64}
       AND toDate(t) NOT IN (SELECT day FROM retention_drops WHERE table = 'spans')
     ORDER BY t LIMIT {limit:UInt32}`,
    { quiet: nowMs - QUIET_MS, closed: Math.floor(nowMs / 1000) - CLOSED_S, limit },
  );
  return rows.map(({ minute, marked }) => ({ minute: Number(minute), markedMs: Number(marked) }));
}

/** When the writer last cut a batch of spans, Unix seconds; undefined before the first. */
export async function lastSpanCut(store: Store): Promise<number | undefined> {
  const rows = await store.query<{ last: string }>("SELECT toString(toUnixTimestamp(max(at))) AS last FROM ingest_cuts WHERE topic = 'otlp_spans'");
  const last = Number(rows[0]?.last ?? 0);
  return last === 0 ? undefined : last;
}

/**
 * Counts the calls that began in a minute from the stored spans and adds what differs from the stored sums, in one insert whose
 * token is the minute and its mark: two who do it at once do it once. Exact but for `duration_max_us`, which only grows.
 */
export async function repairCallMinute(store: Store, { minute, markedMs }: MarkedMinute): Promise<void> {
  // Numbers of our own only: settings take no parameters.
  const token = `calls:${Math.floor(minute)}:${Math.floor(markedMs)}`;
  await store.command(
    `INSERT INTO service_edges_1m (${KEYS}, calls, errors, duration_sum_us, duration_max_us)
     SELECT ${KEYS}, sum(c) AS calls, sum(e) AS errors, sum(d) AS duration_sum_us, max(x) AS duration_max_us FROM (
       ${COUNTED}
       UNION ALL
       SELECT department, site, tier, t, src, dst, toString(dst_kind) AS dst_kind, dst_site, -sum(calls) AS c, -sum(errors) AS e, -sum(duration_sum_us) AS d, toUInt64(0) AS x
       FROM service_edges_1m WHERE t = toDateTime({from:UInt32}, 'UTC') GROUP BY ${KEYS}
     ) GROUP BY ${KEYS} HAVING calls != 0 OR errors != 0 OR duration_sum_us != 0
     SETTINGS ${LIMITS}, insert_deduplicate = 1, insert_deduplication_token = '${token}'`,
    { from: 60 * minute, early: EARLY_S, late: LATE_S },
  );
}

const MINUTE = "ts >= toDateTime64({from:UInt32}, 6, 'UTC') AND ts < toDateTime64({from:UInt32} + 60, 6, 'UTC') AND kind IN ('client', 'producer')";
/** Callers of the minute: one row a span, though it was sent twice. */
const CALLERS = `SELECT trace_id, span_id, any(department) AS department, any(site) AS site, any(tier) AS tier, any(service) AS src, any(peer) AS named,
         any(status = 'error') AS failed, any(duration_us) AS us,
         any(multiIf(mapContains(attrs, 'db.system.name') OR mapContains(attrs, 'db.system'), 'database',
           kind = 'producer' OR mapContains(attrs, 'messaging.system') OR mapContains(attrs, 'messaging.destination.name') OR mapContains(attrs, 'messaging.destination'), 'queue',
           'external')) AS named_kind
       FROM spans WHERE ${MINUTE}
       GROUP BY trace_id, span_id`;
/** Most callees around a minute are of callers of other minutes: without this they would all be held in memory. */
const OF_CALLERS = `IN (SELECT trace_id, span_id FROM spans WHERE ${MINUTE})`;
const AROUND = "ts >= toDateTime64({from:UInt32} - {early:UInt32}, 6, 'UTC') AND ts < toDateTime64({from:UInt32} + 60 + {late:UInt32}, 6, 'UTC')";
/** Callees by the span that called them: their parent, and for consumers also the first 128 spans that they link to. */
const CALLEES = `SELECT trace_id, parent_id AS span_id, service AS callee, site AS callee_site, status = 'error' AS callee_failed, 1 AS is_served
       FROM spans WHERE ${AROUND} AND kind IN ('server', 'consumer') AND parent_id != toFixedString('', 8) AND (trace_id, parent_id) ${OF_CALLERS}
       UNION ALL
       SELECT toFixedString(unhex(link.1), 16) AS trace_id, toFixedString(unhex(link.2), 8) AS span_id, callee, callee_site, callee_failed, 1 AS is_served FROM (
         SELECT arrayJoin(arrayFilter(one -> length(one.1) = 32 AND length(one.2) = 16 AND one != (lower(hex(trace_id)), lower(hex(parent_id))),
             arrayDistinct(arrayMap(raw -> (JSONExtractString(raw, 'traceId'), JSONExtractString(raw, 'spanId')), arraySlice(JSONExtractArrayRaw(links), 1, 128))))) AS link,
           service AS callee, site AS callee_site, status = 'error' AS callee_failed
         FROM spans WHERE ${AROUND} AND kind = 'consumer' AND links != '')
       WHERE (trace_id, span_id) ${OF_CALLERS}`;
/** As the joiner of the writer counts: each callee with its caller, and a caller without one by the name it gave. */
const COUNTED = `SELECT department, site, tier, toDateTime({from:UInt32}, 'UTC') AS t, src, if(is_served = 1, callee, named) AS dst, if(is_served = 1, 'service', named_kind) AS dst_kind,
         if(is_served = 1, callee_site, '') AS dst_site, toInt64(count()) AS c, toInt64(countIf(failed OR (is_served = 1 AND callee_failed))) AS e, toInt64(sum(us)) AS d, max(us) AS x
       FROM (${CALLERS}) AS callers LEFT JOIN (${CALLEES}) AS callees USING (trace_id, span_id)
       WHERE if(is_served = 1, callee != src, named != '' AND named != src)
       GROUP BY ${KEYS}`;
