import type { DeliveredMessage } from "@yunwei/bus";
import type { Store } from "@yunwei/store";

/**
 * Writes down where a batch was cut before anything of it is stored. After a crash the same batch is cut again and its
 * inserts carry the same deduplication tokens: stored once, whatever happened in between (design §4).
 */
export class BatchPlan {
  readonly #store: Store;
  readonly #topic: string;
  readonly #nowMs: () => number;
  /** Batches in hand, by partition: offered again when their handler was refused. */
  readonly #open = new Map<number, { first: number; last: number }>();
  /** Partitions whose place we know: the offset behind the last finished batch. */
  readonly #next = new Map<number, number>();

  constructor(store: Store, topic: string, nowMs: () => number) {
    this.#store = store;
    this.#topic = topic;
    this.#nowMs = nowMs;
  }

  /** For SubscribeOptions.cut: the end of the batch that begins at `firstOffset`, if one was cut there before. */
  async cut(partition: number, firstOffset: number): Promise<number | undefined> {
    const open = this.#open.get(partition);
    if (open?.first === firstOffset) return open.last;
    if (this.#next.get(partition) === firstOffset) return undefined;
    const rows = await this.#store.query<{ last: string }>(
      "SELECT toString(last_off) AS last FROM ingest_ledger WHERE topic = {topic:String} AND part = {part:UInt16} AND first_off = {first:UInt64} ORDER BY at LIMIT 1",
      { topic: this.#topic, part: partition, first: firstOffset },
    );
    return rows[0] === undefined ? undefined : Number(rows[0].last);
  }

  /** Notes the batch, durably unless it was noted before; the result is the stem of its tokens. */
  async note(batch: readonly DeliveredMessage[]): Promise<string> {
    const { partition, offset: first } = batch[0]!;
    const last = batch.at(-1)!.offset;
    const stem = `${this.#topic}:${partition}:${first}-${last}`;
    if (this.#open.get(partition)?.first !== first) {
      await this.#store.insertRows(
        "ingest_ledger",
        [{ at: Math.floor(this.#nowMs() / 1000), topic: this.#topic, part: partition, first_off: String(first), last_off: String(last) }],
        { token: stem },
      );
      this.#open.set(partition, { first, last });
    }
    return stem;
  }

  finish(batch: readonly DeliveredMessage[]): void {
    const last = batch.at(-1)!;
    this.#open.delete(last.partition);
    this.#next.set(last.partition, last.offset + 1);
  }
}
