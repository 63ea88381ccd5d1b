import type { BatchHandler, DeliveredMessage, SubscribeOptions } from "../bus.ts";
import { reasonOf } from "./kafka-errors.ts";
import type { MessageBuffer } from "./message-buffer.ts";
import { pause, within } from "./pause.ts";

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

/** Runs one group's handler over one Kafka partition: gather, handle, commit, in turn; a rejection repeats the same batch out of memory. */
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
    while (!signal.aborted) {
      const batch = await this.#gather().catch((error: unknown) => {
        this.#onTrouble(`group ${this.#options.groupId}: no batch of ${this.#options.topic}/${this.#partition} could be cut: ${reasonOf(error)}`);
        return [];
      });
      if (batch.length === 0) {
        if (!signal.aborted) await pause(FIRST_PAUSE_MS, signal);
        continue;
      }
      this.#source.readAhead();
      if (!(await this.#handle(batch))) break;
      if ((await this.#commit(batch[0]!.offset, batch.at(-1)!.offset + 1)) === "lost") break;
    }
    await this.#source.close();
  }

  async #gather(): Promise<DeliveredMessage[]> {
    const { maxMessages = 1_000, maxBytes = MAX_BATCH_BYTES, lingerMs = 0, cut } = this.#options;
    while (this.#source.buffer.count === 0) if (!(await this.#more())) return [];
    const lastOffset = await cut?.(this.#partition, this.#source.buffer.firstOffset!);
    if (lastOffset !== undefined) return this.#readTo(lastOffset);
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
      this.#onTrouble(`${this.#options.topic}/${this.#partition} ends at ${this.#source.nextOffset}, before the end ${lastOffset} of a batch that was cut`);
      break;
    }
    return this.#source.buffer.takeTo(lastOffset);
  }

  /** False when stopped; a fetch that is under way goes on when this returns earlier. */
  async #more(waitMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    await within(this.#source.fill(), waitMs, this.#stop.signal);
    return !this.#stop.signal.aborted;
  }

  /** False when stopped before the handler took the batch. */
  async #handle(batch: readonly DeliveredMessage[]): Promise<boolean> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.#handler(batch);
        return true;
      } catch (error) {
        if (this.#stop.signal.aborted) return false;
        const where = `${this.#options.topic}/${this.#partition} from ${batch[0]!.offset}`;
        this.#onTrouble(`group ${this.#options.groupId}: ${where} is delivered again in ${pauseMs} ms: ${reasonOf(error)}`);
        await pause(pauseMs, this.#stop.signal);
        if (this.#stop.signal.aborted) return false;
      }
    }
  }

  /** Finishes and commits the batch in hand, then stops. Idempotent. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}
