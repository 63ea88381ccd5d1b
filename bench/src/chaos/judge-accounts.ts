import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal } from "@yunwei/schemas";
import { accountSums, chainFaults, type Store } from "@yunwei/store";
import type { Verdicts } from "./stored-items.ts";

const TOPICS: Readonly<Record<Signal, string>> = { metrics: OTLP_METRICS_TOPIC, logs: OTLP_LOGS_TOPIC, traces: OTLP_SPANS_TOPIC };
/** Tables with a row for each item that a gateway counts. */
const ITEM_TABLES: Readonly<Record<Signal, readonly string[]>> = { metrics: ["metric_points", "metric_hist"], logs: ["logs"], traces: ["spans"] };

/**
 * Holds the writer's own books (docs/adr/0007-loss-accounting.md) against the tables, when nothing is in flight.
 * @returns what does not agree; undefined when there are no books
 */
export async function judgeAccounts(store: Store, verdicts: Verdicts): Promise<string[] | undefined> {
  const sums = await accountSums(store, 0);
  if (sums.length === 0) return undefined;
  const complaints: string[] = [];
  for (const { topic, source, missing, surplus, deadMessages } of sums) {
    if (missing + surplus + deadMessages > 0)
      complaints.push(`the books of ${topic} from ${source}: ${missing} missing, ${surplus} surplus, ${deadMessages} dead`);
  }
  for (const signal of ["metrics", "logs", "traces"] as const) {
    const booked = sums.filter(({ topic }) => topic === TOPICS[signal]).reduce((sum, { stored }) => sum + stored, 0);
    const rows = ITEM_TABLES[signal].reduce((sum, table) => sum + (verdicts[signal][table]?.stored ?? 0), 0);
    if (booked !== rows) complaints.push(`the books say that ${booked} items of ${signal} are stored, the tables have ${rows}`);
  }
  for (const { topic, part, kind, lastOffset, firstOffset } of await chainFaults(store, 0)) {
    complaints.push(`${kind} between batches of ${topic}/${part}: one ends at ${lastOffset}, the next begins at ${firstOffset}`);
  }
  return complaints;
}
