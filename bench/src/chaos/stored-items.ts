import type { Signal } from "@yunwei/schemas";
import type { Store } from "@yunwei/store";
import { CHAOS_HISTOGRAM, CHAOS_LOG, CHAOS_METRIC, CHAOS_SPAN } from "./numbered-request.ts";
import { judgeTable, type SentRequests, type TableVerdict } from "./sent-requests.ts";

/** A table whose rows carry the numbers of items. */
interface ItemTable {
  readonly signal: Signal;
  readonly table: string;
  /** Whether a request gives one row. */
  readonly perRequest: boolean;
  readonly number: string;
  readonly where: string;
}

const ITEM_TABLES: readonly ItemTable[] = [
  { signal: "metrics", table: "metric_points", perRequest: false, number: "toUInt32(value)", where: `metric = '${CHAOS_METRIC}'` },
  { signal: "metrics", table: "metric_hist", perRequest: true, number: "toUInt32(sum)", where: `metric = '${CHAOS_HISTOGRAM}'` },
  { signal: "logs", table: "logs", perRequest: false, number: `toUInt32(substring(body, ${CHAOS_LOG.length + 1}))`, where: `startsWith(body, '${CHAOS_LOG}')` },
  { signal: "traces", table: "spans", perRequest: false, number: "toUInt32(reinterpretAsUInt64(reverse(span_id)))", where: `name = '${CHAOS_SPAN}'` },
];

/** A roll-up with the raw rows that it sums, both as (key, count, sum). */
interface RollUp {
  readonly signal: Signal;
  readonly table: string;
  readonly raw: string;
  readonly rolled: string;
}

const points = `FROM metric_points WHERE metric = '${CHAOS_METRIC}' GROUP BY key`;
const rolledUp = (table: string): string =>
  `SELECT (series_id, t) AS key, sum(n) AS n, sum(s) AS total FROM ${table} WHERE metric = '${CHAOS_METRIC}' GROUP BY key`;
const ROLL_UPS: readonly RollUp[] = [
  {
    signal: "metrics",
    table: "metric_5m",
    raw: `SELECT (series_id, toStartOfFiveMinutes(ts)) AS key, count() AS n, sum(value) AS total ${points}`,
    rolled: rolledUp("metric_5m"),
  },
  {
    signal: "metrics",
    table: "metric_1h",
    raw: `SELECT (series_id, toStartOfHour(ts)) AS key, count() AS n, sum(value) AS total ${points}`,
    rolled: rolledUp("metric_1h"),
  },
  {
    signal: "traces",
    table: "trace_index",
    raw: "SELECT (trace_id, toDate(ts)) AS key, count() AS n, toFloat64(0) AS total FROM spans GROUP BY key",
    rolled: "SELECT (trace_id, day) AS key, sum(spans) AS n, toFloat64(0) AS total FROM trace_index GROUP BY key",
  },
];

/** Verdicts by signal and table. */
export type Verdicts = Readonly<Record<Signal, Readonly<Record<string, TableVerdict>>>>;

/** Counts what is in the tables and roll-ups against what was sent. */
export async function judgeStore(store: Store, sent: SentRequests): Promise<Verdicts> {
  const verdicts: Record<Signal, Record<string, TableVerdict>> = { metrics: {}, logs: {}, traces: {} };
  for (const { signal, table, perRequest, number, where } of ITEM_TABLES) {
    const rows = await store.query<{ n: number; c: string }>(`SELECT ${number} AS n, toString(count()) AS c FROM ${table} WHERE ${where} GROUP BY n`);
    verdicts[signal][table] = judgeTable(sent.of(signal), perRequest, new Map(rows.map(({ n, c }) => [n, Number(c)])));
  }
  for (const { signal, table, raw, rolled } of ROLL_UPS) verdicts[signal][table] = await judgeRollUp(store, raw, rolled);
  return verdicts;
}

/** A roll-up must have each raw row once; a bucket with the right count and a wrong sum has one too few and one too many. */
async function judgeRollUp(store: Store, raw: string, rolled: string): Promise<TableVerdict> {
  const [row] = await store.query<Record<string, string>>(`
    SELECT toString(sum(rolled_n)) AS stored,
      toString(sum(greatest(raw_n - rolled_n, 0) + (raw_n = rolled_n AND raw_total != rolled_total))) AS lost,
      toString(sum(greatest(rolled_n - raw_n, 0) + (raw_n = rolled_n AND raw_total != rolled_total))) AS doubled
    FROM (
      SELECT key, sumIf(toInt64(n), side = 0) AS raw_n, sumIf(toInt64(n), side = 1) AS rolled_n, sumIf(total, side = 0) AS raw_total, sumIf(total, side = 1) AS rolled_total
      FROM (SELECT 0 AS side, * FROM (${raw}) UNION ALL SELECT 1 AS side, * FROM (${rolled})) GROUP BY key
    )`);
  return { stored: Number(row!["stored"]), lost: Number(row!["lost"]), doubled: Number(row!["doubled"]), repeated: 0, examples: [] };
}

/** Rows of all item tables together: for the progress line. */
export async function countStored(store: Store): Promise<number> {
  const parts = ITEM_TABLES.filter(({ perRequest }) => !perRequest).map(({ table }) => `(SELECT count() FROM ${table})`);
  const [row] = await store.query<{ n: string }>(`SELECT toString(${parts.join(" + ")}) AS n`);
  return Number(row?.n ?? 0);
}

/** Messages that could not be decoded: none was sent. */
export async function countDeadLetters(store: Store): Promise<number> {
  const [row] = await store.query<{ n: string }>("SELECT toString(count()) AS n FROM ingest_dlq");
  return Number(row?.n ?? 0);
}
