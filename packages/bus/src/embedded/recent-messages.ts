import type { DeliveredMessage } from "../bus.ts";

/** Bytes of values kept in memory by a partition. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_MESSAGES = 8_192;
/** Who is further behind than this reads files anyway. */
const MAX_AGE_MS = 60_000;

/**
 * The messages that were written last, as they were published: a consumer that keeps up reads no file, and several of them get
 * the very same object, so that what one has made of its value can serve the next.
 */
export class RecentMessages {
  /** Offsets without a gap; the first is at `#head`. */
  #messages: DeliveredMessage[] = [];
  #head = 0;
  #bytes = 0;

  /** @param messages - in order, the first with the offset behind the last one here */
  add(messages: readonly DeliveredMessage[]): void {
    for (const message of messages) {
      this.#messages.push(message);
      this.#bytes += message.value.length;
    }
    const staleMs = (this.#messages.at(-1)?.timestampMs ?? 0) - MAX_AGE_MS;
    while (this.#head < this.#messages.length && this.#isTooMuch(staleMs)) {
      this.#bytes -= this.#messages[this.#head]!.value.length;
      this.#head++;
    }
    if (this.#head > MAX_MESSAGES) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }

  #isTooMuch(staleMs: number): boolean {
    return this.#bytes > MAX_BYTES || this.#messages.length - this.#head > MAX_MESSAGES || this.#messages[this.#head]!.timestampMs < staleMs;
  }

  /** The message of this offset, while it is kept. */
  take(offset: number): DeliveredMessage | undefined {
    const first = this.#messages[this.#head];
    return first === undefined || offset < first.offset ? undefined : this.#messages[this.#head + offset - first.offset];
  }
}
