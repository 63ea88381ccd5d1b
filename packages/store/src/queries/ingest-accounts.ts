import type { Store } from "../store.ts";

/** What became of the items of one sender's messages of one topic: accepted = stored + deadItems + missing - surplus. */
export interface AccountSums {
  readonly topic: string;
  readonly source: string;
  readonly messages: number;
  /** Messages without a count of the gateway: what is stored of them counts as accepted. */
  readonly unannounced: number;
  readonly accepted: number;
  readonly stored: number;
  readonly rejected: number;
  readonly deadMessages: number;
  readonly deadItems: number;
  /** Not 0: something was lost between gateway and table. */
  readonly missing: number;
  /** Not 0: something was stored that no gateway has accepted. */
  readonly surplus: number;
}

/** A place where two batches of a partition, one behind the other, do not meet. */
export interface ChainFault {
  readonly topic: string;
  readonly part: number;
  /** "gap": messages between them were never stored; "overlap": some were stored with both. */
  readonly kind: "gap" | "overlap";
  /** Last offset of the batch before, and first one of the batch behind. */
  readonly lastOffset: number;
  readonly firstOffset: number;
}

/** Sums by topic and sender of batches that were cut since then. @param sinceS - Unix seconds */
export async function accountSums(store: Store, sinceS: number): Promise<AccountSums[]> {
  const names = ["messages", "unannounced", "accepted", "stored", "rejected", "dead_messages", "dead_items", "missing", "surplus"];
  const sums = names.map((name) => `toString(sum(${name})) AS ${name}_sum`).join(", ");
  const rows = await store.query<Record<string, string>>(
    `SELECT topic, source, ${sums} FROM ingest_accounting WHERE at >= fromUnixTimestamp({since:Int64}) GROUP BY topic, source ORDER BY topic, source`,
    { since: sinceS },
  );
  return rows.map((row) => ({
    topic: row["topic"]!,
    source: row["source"]!,
    messages: Number(row["messages_sum"]),
    unannounced: Number(row["unannounced_sum"]),
    accepted: Number(row["accepted_sum"]),
    stored: Number(row["stored_sum"]),
    rejected: Number(row["rejected_sum"]),
    deadMessages: Number(row["dead_messages_sum"]),
    deadItems: Number(row["dead_items_sum"]),
    missing: Number(row["missing_sum"]),
    surplus: Number(row["surplus_sum"]),
  }));
}

/** The first hundred places where the batches that were cut since then are no chain. @param sinceS - Unix seconds */
export async function chainFaults(store: Store, sinceS: number): Promise<ChainFault[]> {
  const rows = await store.query<{ topic: string; part: number; last_text: string; first_text: string }>(
    `SELECT topic, part, toString(before) AS last_text, toString(first_off) AS first_text FROM (
       SELECT topic, part, first_off, lagInFrame(toNullable(last_off)) OVER (PARTITION BY topic, part ORDER BY first_off, last_off ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS before
       FROM (SELECT DISTINCT topic, part, first_off, last_off FROM ingest_accounting WHERE at >= fromUnixTimestamp({since:Int64}))
     ) WHERE before IS NOT NULL AND first_off != before + 1 ORDER BY topic, part, first_off LIMIT 100`,
    { since: sinceS },
  );
  return rows.map(({ topic, part, last_text, first_text }) => {
    const [lastOffset, firstOffset] = [Number(last_text), Number(first_text)];
    return { topic, part: Number(part), kind: firstOffset > lastOffset ? ("gap" as const) : ("overlap" as const), lastOffset, firstOffset };
  });
}
