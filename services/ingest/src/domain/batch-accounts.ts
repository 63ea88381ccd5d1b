import type { OtlpHeaders } from "@yunwei/schemas";

/** What became of a message that could be decoded. */
export interface MessageOutcome {
  /** Items (data points, log records, spans) that are stored with this batch. */
  readonly stored: number;
  /** Items that the rules leave out, as the gateway has told the sender. */
  readonly rejected: number;
  /** Why the first of them. */
  readonly problem: string | undefined;
}

/** Which batch, and the clock of its first cut in Unix milliseconds (BatchPlan.clockMs): a retry must give the same row. */
export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly clockMs: number;
}

/** A row of `ingest_accounting`: accepted = stored + dead_items + missing - surplus. */
export interface AccountRow {
  readonly at: number;
  readonly topic: string;
  readonly part: number;
  readonly first_off: string;
  readonly last_off: string;
  readonly source: string;
  readonly messages: number;
  readonly unannounced: number;
  readonly accepted: number;
  readonly stored: number;
  readonly rejected: number;
  readonly reason: string;
  readonly dead_messages: number;
  readonly dead_items: number;
  readonly missing: number;
  readonly surplus: number;
}

/** A message of which the writer stores other items than the gateway has accepted: never right, and never silent. */
export interface Difference {
  readonly partition: number;
  readonly offset: number;
  readonly source: string;
  readonly accepted: number;
  readonly stored: number;
}

/** Header with the number of items that the gateway has accepted in a message. */
export const ITEMS_HEADER = "yunwei.items";
/** The source of messages that a Collector has written to the bus itself. */
const COLLECTOR = "collector";
/** Longer ones are cut. */
const MAX_REASON = 200;
/** Of one batch; more are in the counts all the same. */
const MAX_DIFFERENCES = 20;

type Sums = { -readonly [Name in Exclude<keyof AccountRow, "at" | "topic" | "part" | "first_off" | "last_off" | "source">]: AccountRow[Name] };

/**
 * The books of one batch, by source: what the gateways have accepted, message by message, against what is stored, left out or
 * buried. One call a message, one a batch. Pure: the same messages give the same rows, in the same order.
 */
export class BatchAccounts {
  readonly #bySource = new Map<string, Sums>();
  readonly #differences: Difference[] = [];

  /** A message that was decoded and whose rows are in the batch. */
  message(partition: number, offset: number, headers: OtlpHeaders | undefined, { stored, rejected, problem }: MessageOutcome): void {
    const source = headers?.["yunwei.source"] ?? COLLECTOR;
    const announced = itemsOf(headers);
    const accepted = announced ?? stored;
    const sums = this.#of(source);
    sums.messages++;
    if (announced === undefined) sums.unannounced++;
    sums.accepted += accepted;
    sums.stored += stored;
    sums.rejected += rejected;
    sums.missing += Math.max(0, accepted - stored);
    sums.surplus += Math.max(0, stored - accepted);
    if (sums.reason === "" && rejected > 0) sums.reason = (problem ?? "").slice(0, MAX_REASON);
    if (accepted !== stored && this.#differences.length < MAX_DIFFERENCES) this.#differences.push({ partition, offset, source, accepted, stored });
  }

  /** A message that cannot be decoded and goes to the dead letters, whole; how many items it had is known from its header only. */
  dead(headers: OtlpHeaders | undefined): void {
    const sums = this.#of(headers?.["yunwei.source"] ?? COLLECTOR);
    const announced = itemsOf(headers);
    sums.messages++;
    if (announced === undefined) sums.unannounced++;
    sums.accepted += announced ?? 0;
    sums.dead_messages++;
    sums.dead_items += announced ?? 0;
  }

  /** Items of a message that was decoded, but whose rows the engine refused: they are in the dead letters with it. */
  refused(headers: OtlpHeaders | undefined, items: number): void {
    const sums = this.#of(headers?.["yunwei.source"] ?? COLLECTOR);
    sums.stored -= items;
    sums.dead_items += items;
    sums.dead_messages++;
  }

  /** The rows of the batch and what does not agree; empties the books for the next one. */
  close(batch: BatchPlace): { readonly rows: readonly AccountRow[]; readonly differences: readonly Difference[] } {
    const { topic, partition, first, last, clockMs } = batch;
    const place = { at: Math.floor(clockMs / 1000), topic, part: partition, first_off: String(first), last_off: String(last) };
    const rows = [...this.#bySource].sort(([one], [other]) => (one < other ? -1 : 1)).map(([source, sums]) => ({ ...place, source, ...sums }));
    const differences = [...this.#differences];
    this.clear();
    return { rows, differences };
  }

  /** Forgets what was taken: a batch that is tried again begins with empty books. */
  clear(): void {
    this.#bySource.clear();
    this.#differences.length = 0;
  }

  #of(source: string): Sums {
    let sums = this.#bySource.get(source);
    if (sums === undefined) {
      sums = { messages: 0, unannounced: 0, accepted: 0, stored: 0, rejected: 0, reason: "", dead_messages: 0, dead_items: 0, missing: 0, surplus: 0 };
      this.#bySource.set(source, sums);
    }
    return sums;
  }
}

/** Undefined without the header, and for one that is no count: a trusted Collector may write anything there. */
function itemsOf(headers: OtlpHeaders | undefined): number | undefined {
  const text = headers?.[ITEMS_HEADER];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
