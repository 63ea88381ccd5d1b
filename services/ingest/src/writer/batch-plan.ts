import type { DeliveredMessage } from "@yunwei/bus";
import { YunweiError } from "@yunwei/schemas";
import type { Store } from "@yunwei/store";

interface Cut {
  readonly first: number;
  /** When the bus took the first message: tells the logs of two buses apart whose offsets both begin at 0. */
  readonly firstMs: number;
  readonly last: number;
  readonly atMs: number;
}

/**
 * Writes down where a batch was cut before anything of it is stored. After a crash the same batch is cut again, by whichever
 * writer has the partition then, and its inserts carry the same deduplication tokens: stored once, whatever happened in
 * between (design §4).
 *
 * The table of cuts is a register that is set once: its insert carries a token of the batch's beginning alone, so that the
 * engine keeps only the first note of a beginning, and every note is read back. Of two writers that both believe that a
 * partition is theirs (one may have slept through its own eviction) the second learns where the first has cut. Nothing that
 * this process remembers of a partition is believed: it may have been elsewhere since.
 */
export class BatchPlan {
  readonly #store: Store;
  readonly #topic: string;
  readonly #nowMs: () => number;
  /** Batches in hand, by partition: offered again when their handler was refused. A cut never changes once it is noted. */
  readonly #open = new Map<number, Cut>();

  constructor(store: Store, topic: string, nowMs: () => number) {
    this.#store = store;
    this.#topic = topic;
    this.#nowMs = nowMs;
  }

  /** For SubscribeOptions.cut: the end of the batch that begins at `firstOffset`, if one was cut there before. */
  async cut(partition: number, firstOffset: number): Promise<number | undefined> {
    const rows = await this.#store.query<{ last: string }>(
      "SELECT toString(last_off) AS last FROM ingest_cuts WHERE topic = {topic:String} AND part = {part:UInt16} AND first_off = {first:UInt64} ORDER BY at DESC LIMIT 1",
      { topic: this.#topic, part: partition, first: firstOffset },
    );
    return rows[0] === undefined ? undefined : Number(rows[0].last);
  }

  /**
   * Notes the batch, durably unless it was noted before; the result is the stem of its tokens.
   * @throws YunweiError YUNWEI_STORE_UNAVAILABLE when another writer has cut this batch elsewhere: it must be read again, up to where `cut` says
   */
  async note(batch: readonly DeliveredMessage[]): Promise<string> {
    const { partition, offset: first, timestampMs: firstMs } = batch[0]!;
    const last = batch.at(-1)!.offset;
    const open = this.#open.get(partition);
    const cut = open?.first === first && open.firstMs === firstMs ? open : await this.#register(partition, first, firstMs, last);
    if (cut.last !== last) {
      throw new YunweiError(
        "YUNWEI_STORE_UNAVAILABLE",
        `the batch of ${this.#topic}/${partition} from ${first} ends at ${cut.last}, as another writer has cut it, not at ${last}: it is read again`,
      );
    }
    this.#open.set(partition, cut);
    return `${this.#topic}:${partition}:${first}-${last}@${firstMs}`;
  }

  async #register(partition: number, first: number, firstMs: number, last: number): Promise<Cut> {
    const at = Math.floor(this.#nowMs() / 1000);
    await this.#store.insertRows(
      "ingest_cuts",
      [{ at, topic: this.#topic, part: partition, first_off: String(first), first_ms: String(firstMs), last_off: String(last) }],
      { token: `${this.#topic}:${partition}:${first}@${firstMs}` },
    );
    const rows = await this.#store.query<{ last: string; at: string }>(
      "SELECT toString(last_off) AS last, toString(toUnixTimestamp(at)) AS at FROM ingest_cuts WHERE topic = {topic:String} AND part = {part:UInt16} AND first_off = {first:UInt64} AND first_ms = {firstMs:Int64} ORDER BY at, last_off LIMIT 1",
      { topic: this.#topic, part: partition, first, firstMs },
    );
    if (rows[0] === undefined) throw new YunweiError("YUNWEI_STORE_UNAVAILABLE", `the cut of ${this.#topic}/${partition} at ${first} cannot be read back yet`);
    return { first, firstMs, last: Number(rows[0].last), atMs: 1000 * Number(rows[0].at) };
  }

  /**
   * When the batch in hand of a partition was first cut, Unix milliseconds in whole seconds: the same for every retry by any
   * writer. Rows must not carry another clock, or a retry on the other side of midnight would fall into another partition of
   * its table, where its token is not known. NaN without a batch in hand.
   */
  clockMs(partition: number): number {
    return this.#open.get(partition)?.atMs ?? Number.NaN;
  }

  finish(batch: readonly DeliveredMessage[]): void {
    this.#open.delete(batch.at(-1)!.partition);
  }
}
