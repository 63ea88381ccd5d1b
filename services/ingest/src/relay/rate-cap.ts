import { setTimeout as sleep } from "node:timers/promises";
import { RateBucket } from "../domain/rate-bucket.ts";

export interface RateCapOptions {
  /** 0: no cap. */
  readonly maxBytesPerSecond: number;
  readonly maxMessagesPerSecond: number;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly bytes: number;
  readonly messages: number;
  readonly pass: () => void;
}

/**
 * One cap for everything that goes over the link. Topics take turns, chunk by chunk: the backlog of one cannot hold up another,
 * and a topic that has caught up gives its turns to those that have not.
 */
export class RateCap {
  readonly #options: RateCapOptions;
  /** A burst of one second each; undefined = no cap. */
  readonly #bytes: RateBucket | undefined;
  readonly #messages: RateBucket | undefined;
  /** In the order of their turns: whoever passes goes to the end. */
  readonly #waiting = new Map<string, Waiter[]>();
  #running = false;

  constructor(options: RateCapOptions) {
    this.#options = options;
    const bucket = (perSecond: number) => (perSecond === 0 ? undefined : new RateBucket(perSecond, perSecond, options.nowMs()));
    this.#bytes = bucket(options.maxBytesPerSecond);
    this.#messages = bucket(options.maxMessagesPerSecond);
  }

  /** Largest chunk that does not hold the link up for more than about a second. */
  chunkLimits(maxBytes: number, maxMessages: number): { maxBytes: number; maxMessages: number } {
    const { maxBytesPerSecond, maxMessagesPerSecond } = this.#options;
    return { maxBytes: Math.min(maxBytes, maxBytesPerSecond || maxBytes), maxMessages: Math.min(maxMessages, maxMessagesPerSecond || maxMessages) };
  }

  /** Resolves when it is this chunk's turn and there is room for it. Rejects when the signal is aborted. */
  async pass(topic: string, bytes: number, messages: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const queue = this.#waiting.get(topic);
    if (queue === undefined) this.#waiting.set(topic, [{ bytes, messages, pass: resolve }]);
    else queue.push({ bytes, messages, pass: resolve });
    void this.#run();
    await promise;
    this.#options.signal.throwIfAborted();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const { nowMs, signal } = this.#options;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      for (;;) {
        const delayMs = Math.max(this.#bytes?.waitMs(next.bytes, nowMs()) ?? 0, this.#messages?.waitMs(next.messages, nowMs()) ?? 0);
        if (delayMs === 0 || signal.aborted) break;
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
      this.#bytes?.take(next.bytes, nowMs());
      this.#messages?.take(next.messages, nowMs());
      next.pass();
    }
    this.#running = false;
  }

  #next(): Waiter | undefined {
    for (const [topic, queue] of this.#waiting) {
      this.#waiting.delete(topic);
      const first = queue.shift();
      if (queue.length > 0) this.#waiting.set(topic, queue);
      if (first !== undefined) return first;
    }
    return undefined;
  }
}
