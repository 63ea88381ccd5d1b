/** Name of the storage policy that the server's administrator makes, and of its second volume (docs/operations/retention.md). */
export const TIERED_POLICY = "tiered";
const COLD_VOLUME = "cold";

/** After how many days a table's parts move to the cold volume. What is asked for most, the last days, stays. */
export const COLD_AFTER_DAYS: Readonly<Record<string, number>> = {
  metric_points: 3,
  metric_hist: 3,
  metric_exphist: 3,
  metric_summary: 3,
  exemplars: 3,
  logs: 7,
  spans: 3,
  metric_5m: 30,
  metric_1h: 90,
  service_edges_1m: 90,
};

/** A volume of the tiered policy. */
export interface PolicyVolume {
  readonly policy: string;
  readonly volume: string;
}

/** A table with the definition of its engine, as system.tables tells it. */
export interface TableEngine {
  readonly table: string;
  readonly engine: string;
}

/** What is to be done, or why nothing can be. */
export type TierPlan = { readonly kind: "statements"; readonly statements: readonly string[] } | { readonly kind: "impossible"; readonly reason: string };

/** Statements that put the tables on the tiered policy and move old parts to its cold volume; what is there already is left out. */
export function tierPlan(volumes: readonly PolicyVolume[], tables: readonly TableEngine[]): TierPlan {
  const ours = volumes.filter(({ policy }) => policy === TIERED_POLICY).map(({ volume }) => volume);
  if (ours.length === 0) {
    return {
      kind: "impossible",
      reason: `this ClickHouse has no storage policy "${TIERED_POLICY}": make it in the server's configuration first (docs/operations/retention.md). The embedded engine has none and can have none.`,
    };
  }
  if (!ours.includes(COLD_VOLUME))
    return { kind: "impossible", reason: `the storage policy "${TIERED_POLICY}" has no volume "${COLD_VOLUME}", only ${ours.join(", ")}` };
  return { kind: "statements", statements: tables.flatMap(statementsFor) };
}

function statementsFor({ table, engine }: TableEngine): string[] {
  const days = COLD_AFTER_DAYS[table];
  const ttl = ttlOf(engine);
  if (days === undefined || ttl === undefined) return [];
  const statements: string[] = [];
  if (!new RegExp(`storage_policy = '${TIERED_POLICY}'`).test(engine))
    statements.push(`ALTER TABLE ${table} MODIFY SETTING storage_policy = '${TIERED_POLICY}'`);
  if (!/ TO VOLUME /.test(ttl)) statements.push(`ALTER TABLE ${table} MODIFY TTL ${ttl}, ${dayOf(ttl)} + toIntervalDay(${days}) TO VOLUME '${COLD_VOLUME}'`);
  return statements;
}

/** The TTL in the definition of an engine; undefined when it has none. */
function ttlOf(engine: string): string | undefined {
  return / TTL (.+?)(?: SETTINGS |$)/s.exec(engine)?.[1];
}

/** The day from which a TTL counts: `toDate(ts)` of `toDate(ts) + toIntervalDay(14)`. */
function dayOf(ttl: string): string {
  return /^(toDate\(\w+\)|\w+) \+ /.exec(ttl)![1]!;
}
