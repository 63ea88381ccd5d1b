import type { DeliveredMessage } from "../bus.ts";
import { MessageBuffer } from "../kafka/message-buffer.ts";
import type { PartitionSource } from "../kafka/partition-consumer.ts";
import { within } from "../kafka/pause.ts";

/** How long `fill` waits for something to come. */
const FILL_LIMIT_MS = 500;

export interface PushedSourceOptions {
  readonly fromOffset: number;
  /** Above this many bytes of values in memory the partition is paused until there is room, or a batch needs more. */
  readonly maxBytes: number;
  /** Stop and go of the fetching; both may be called in any state. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** A partition that the driver fetches by itself: takes what comes at exactly the position where it stands, and holds the driver back by pausing. */
export class PushedSource implements PartitionSource {
  readonly buffer = new MessageBuffer();
  readonly #options: PushedSourceOptions;
  readonly #closed = new AbortController();
  #nextOffset: number;
  #isPaused = false;
  #arrived = Promise.withResolvers<void>();

  constructor(options: PushedSourceOptions) {
    this.#options = options;
    this.#nextOffset = options.fromOffset;
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  /**
   * @param fetchedFrom - the offset that the fetch asked for
   * @param nextOffset - where the driver would read on
   * @returns false when the fetch was not made at our position: an answer that was under way while the partition changed hands
   */
  push(messages: readonly DeliveredMessage[], fetchedFrom: number, nextOffset: number): boolean {
    if (fetchedFrom !== this.#nextOffset || this.#closed.signal.aborted) return false;
    this.buffer.add(messages);
    this.#nextOffset = nextOffset;
    if (this.buffer.bytes >= this.#options.maxBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#options.pause();
    }
    const arrived = this.#arrived;
    this.#arrived = Promise.withResolvers<void>();
    arrived.resolve();
    return true;
  }

  /** Nothing but control records stood before `nextOffset`: the driver has stepped over them. */
  skipTo(nextOffset: number): void {
    this.#nextOffset = Math.max(this.#nextOffset, nextOffset);
  }

  fill(): Promise<void> {
    this.#go();
    return within(this.#arrived.promise, FILL_LIMIT_MS, this.#closed.signal);
  }

  readAhead(): void {
    if (this.buffer.bytes < this.#options.maxBytes) this.#go();
  }

  #go(): void {
    if (!this.#isPaused || this.#closed.signal.aborted) return;
    this.#isPaused = false;
    this.#options.resume();
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }
}
