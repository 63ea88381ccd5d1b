import type { BatchHandler, DeliveredMessage, SubscribeOptions } from "../bus.ts";
import { reasonOf } from "./kafka-errors.ts";
import type { MessageBuffer } from "./message-buffer.ts";
import { pause, within } from "./pause.ts";
import { tellIfSlow } from "./tell-if-slow.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A batch that was cut before and whose end does not come is given after this long as it is: the log must have lost its end. */
const CUT_LIMIT_MS = 60_000;
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** "lost": the partition is no longer ours, another member goes on from the commit before. */
export type CommitOutcome = "committed" | "lost";

/** One holding of one partition: reads from a position of its own, and what it has read ahead is gone with it. */
export interface PartitionSource {
  readonly buffer: MessageBuffer;
  /** Every message below it has been fetched. */
  readonly nextOffset: number;
  /** Resolves when something more may be there: soon after it came, or when nothing came for a while. */
  fill(): Promise<void>;
  /** Fetches while the handler works, as long as less than a batch waits in memory. */
  readAhead(): void;
  close(): Promise<void>;
}

/**
 * Runs one group's handler over one Kafka partition: gather, handle, commit, in turn. A rejection repeats the same batch out of
 * memory, unless `cut`, asked again each time, has another end for it: another process may have cut it elsewhere meanwhile.
 */
export class PartitionConsumer {
  readonly #source: PartitionSource;
  readonly #partition: number;
  readonly #options: SubscribeOptions;
  readonly #handler: BatchHandler;
  readonly #commit: (firstOffset: number, nextOffset: number) => Promise<CommitOutcome>;
  readonly #onTrouble: (message: string) => void;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    source: PartitionSource,
    partition: number,
    options: SubscribeOptions,
    handler: BatchHandler,
    commit: (firstOffset: number, nextOffset: number) => Promise<CommitOutcome>,
    onTrouble: (message: string) => void,
  ) {
    this.#source = source;
    this.#partition = partition;
    this.#options = options;
    this.#handler = handler;
    this.#commit = commit;
    this.#onTrouble = onTrouble;
  }

  start(): void {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let pauseMs = FIRST_PAUSE_MS;
    /** The last offset of a batch that the handler has rejected. */
    let rejectedTo: number | undefined;
    while (!signal.aborted) {
      const batch = await this.#gather(rejectedTo).catch((error: unknown) => {
        this.#onTrouble(`group ${this.#options.groupId}: no batch of ${this.#place} could be cut: ${reasonOf(error)}`);
        return [];
      });
      if (batch.length === 0) {
        if (!signal.aborted) await pause(FIRST_PAUSE_MS, signal);
        continue;
      }
      this.#source.readAhead();
      if (await this.#handle(batch, pauseMs)) {
        rejectedTo = undefined;
        pauseMs = FIRST_PAUSE_MS;
        const commit = this.#commit(batch[0]!.offset, batch.at(-1)!.offset + 1);
        if ((await tellIfSlow(commit, `group ${this.#options.groupId}: ${this.#place} waits for a commit`, this.#onTrouble)) === "lost") break;
        continue;
      }
      if (signal.aborted) break;
      this.#source.buffer.putBack(batch);
      rejectedTo = batch.at(-1)!.offset;
      await pause(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    await this.#source.close();
  }

  get #place(): string {
    return `${this.#options.topic}/${this.#partition}`;
  }

  async #gather(rejectedTo: number | undefined): Promise<DeliveredMessage[]> {
    const { groupId, maxMessages = 1_000, maxBytes = MAX_BATCH_BYTES, lingerMs = 0, cut } = this.#options;
    while (this.#source.buffer.count === 0) if (!(await this.#more())) return [];
    const asked = cut?.(this.#partition, this.#source.buffer.firstOffset!);
    const lastOffset = asked === undefined ? undefined : await tellIfSlow(asked, `group ${groupId}: ${this.#place} waits to be cut`, this.#onTrouble);
    if (lastOffset !== undefined) return this.#readTo(lastOffset);
    if (rejectedTo !== undefined) return this.#source.buffer.takeTo(rejectedTo);
    const deadlineMs = Date.now() + lingerMs;
    const short = (): boolean => this.#source.buffer.count < maxMessages && this.#source.buffer.bytes < maxBytes;
    while (short() && Date.now() < deadlineMs && (await this.#more(deadlineMs - Date.now())));
    return this.#stop.signal.aborted ? [] : this.#source.buffer.take(maxMessages, maxBytes);
  }

  /** The batch that was cut before: every message up to `lastOffset`, whatever the limits; nothing when stopped on the way. */
  async #readTo(lastOffset: number): Promise<DeliveredMessage[]> {
    const deadlineMs = Date.now() + CUT_LIMIT_MS;
    while (this.#source.nextOffset <= lastOffset) {
      if (!(await this.#more())) return [];
      if (Date.now() < deadlineMs) continue;
      this.#onTrouble(`${this.#place} ends at ${this.#source.nextOffset}, before the end ${lastOffset} of a batch that was cut`);
      break;
    }
    return this.#source.buffer.takeTo(lastOffset);
  }

  /** False when stopped; a fetch that is under way goes on when this returns earlier. */
  async #more(waitMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await within(this.#source.fill(), waitMs, this.#stop.signal);
    return !this.#stop.signal.aborted;
  }

  /** Whether the handler took the batch. */
  async #handle(batch: readonly DeliveredMessage[], pauseMs: number): Promise<boolean> {
    const where = `group ${this.#options.groupId}: ${this.#place} from ${batch[0]!.offset}`;
    try {
      await tellIfSlow(this.#handler(batch), `${where}: a batch is in hand`, this.#onTrouble);
      return true;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#onTrouble(`${where} is delivered again in ${pauseMs} ms: ${reasonOf(error)}`);
      return false;
    }
  }

  /** Finishes and commits the batch in hand, then stops. Idempotent. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
