import type { BusMessage } from "../bus.ts";
import { partitionOfKey } from "../partition-of-key.ts";
import { recordBytes } from "./record-bytes.ts";

/** One call of publish: settled once, when its last message is durable or its time is up. */
export interface Delivery {
  readonly messages: readonly BusMessage[];
  remaining: number;
  settled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface QueuedMessage {
  readonly message: BusMessage;
  readonly bytes: number;
  readonly delivery: Delivery;
}

/**
 * Under a broker's usual limit of a batch (1,048,588 bytes), so that a topic made by others takes our batches too; a message
 * above it travels alone.
 */
export const BATCH_BYTES = 1_000_000;

/** Messages of one topic in the order of publishing. Nothing leaves it before it is durable, or its publisher has given up. */
export class SendQueue {
  #items: QueuedMessage[] = [];
  #head = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(delivery: Delivery): void {
    for (const message of delivery.messages) {
      const bytes = recordBytes(message);
      this.#items.push({ message, bytes, delivery });
      this.#bytes += bytes;
    }
  }

  /**
   * The longest run from the front that gives no partition more than a batch of `BATCH_BYTES`; at least one message.
   * What nobody waits for any more is thrown away on the way.
   * @param mostMessages - 1 when a broker found a batch too large and we must find out which message it was
   */
  front(partitions: number, mostMessages = Number.POSITIVE_INFINITY): readonly QueuedMessage[] {
    const perPartition = new Map<number, number>();
    const run: QueuedMessage[] = [];
    this.#dropSettled();
    for (let at = this.#head; at < this.#items.length && run.length < mostMessages; at++) {
      const item = this.#items[at]!;
      const partition = partitionOfKey(item.message.key, partitions);
      const before = perPartition.get(partition) ?? 0;
      if (before > 0 && before + item.bytes > BATCH_BYTES) break;
      perPartition.set(partition, before + item.bytes);
      run.push(item);
    }
    return run;
  }

  #dropSettled(): void {
    while (this.#head < this.#items.length && this.#items[this.#head]!.delivery.settled) this.remove(1);
  }

  /** Takes the first `count` off. */
  remove(count: number): void {
    for (let at = this.#head; at < this.#head + count; at++) this.#bytes -= this.#items[at]!.bytes;
    this.#head += count;
    if (this.#head * 2 <= this.#items.length && this.#head < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  /** The publishers that still wait, each once. */
  deliveries(): readonly Delivery[] {
    return [...new Set(this.#items.slice(this.#head).map((item) => item.delivery))];
  }
}
