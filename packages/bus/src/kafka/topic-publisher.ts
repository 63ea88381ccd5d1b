import { YunweiError } from "@yunwei/schemas";
import type { BusMessage } from "../bus.ts";
import { partitionOfKey } from "../partition-of-key.ts";
import type { KafkaDriver, TopicSender } from "./kafka-driver.ts";
import { reasonOf, unavailable } from "./kafka-errors.ts";
import { pause, within } from "./pause.ts";
import { type Delivery, type QueuedMessage, SendQueue } from "./send-queue.ts";

export interface PublisherOptions {
  /** How long a publish may last, retries and all. */
  readonly deliveryTimeoutMs: number;
  /** Above this many waiting bytes a publish is refused at once. */
  readonly maxQueuedBytes: number;
  readonly onTrouble: (message: string) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const CLOSE_LIMIT_MS = 10_000;

/**
 * Publishes to one topic over a sender of its own, one send at a time: whatever is published meanwhile goes with the next
 * send. One at a time keeps the order over retries. What failed is sent again as it was, so that a broker that has it
 * already can tell, and is given up only when its last publisher has.
 */
export class TopicPublisher {
  readonly #topic: string;
  readonly #driver: KafkaDriver;
  readonly #options: PublisherOptions;
  readonly #sender: TopicSender;
  readonly #queue = new SendQueue();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** How many messages yet to send alone, because a batch with them was too large for the broker. */
  #alone = 0;
  /** What failed and is to be sent again. */
  #repeat: readonly QueuedMessage[] = [];

  constructor(topic: string, driver: KafkaDriver, options: PublisherOptions) {
    this.#topic = topic;
    this.#driver = driver;
    this.#options = options;
    this.#sender = driver.sender(topic);
  }

  /** @throws YunweiError YUNWEI_BUS_UNAVAILABLE or YUNWEI_BUS_MESSAGE_TOO_LARGE */
  publish(messages: readonly BusMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    if (this.#stop.signal.aborted) return Promise.reject(unavailable("the bus is closed"));
    if (this.#queue.bytes > this.#options.maxQueuedBytes) {
      return Promise.reject(unavailable(`${this.#queue.bytes} bytes already wait for topic ${this.#topic}: publish again later`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const delivery: Delivery = { messages, remaining: messages.length, settled: false, resolve, reject };
    const timer = setTimeout(
      () => fail(delivery, unavailable(`topic ${this.#topic} did not take the messages within ${this.#options.deliveryTimeoutMs} ms`)),
      this.#options.deliveryTimeoutMs,
    );
    this.#queue.push(delivery);
    this.#running ??= this.#run();
    return promise.finally(() => clearTimeout(timer));
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
      try {
        await this.#sendFront();
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        this.#options.onTrouble(`a send to topic ${this.#topic} is repeated in ${pauseMs} ms: ${reasonOf(error)}`);
        await pause(pauseMs, this.#stop.signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    this.#running = undefined;
  }

  async #sendFront(): Promise<void> {
    const layout = await this.#driver.layoutOf(this.#topic);
    if (layout === undefined) {
      const error = unavailable(`topic ${this.#topic} does not exist: create it with ensureTopics`);
      for (const delivery of this.#queue.deliveries()) fail(delivery, error);
    }
    const partitions = layout?.partitions ?? 1;
    const front = this.#front(partitions);
    if (front.length === 0) return;
    try {
      await this.#sender.send(front.map(({ message }) => ({ message, partition: partitionOfKey(message.key, partitions) })));
      for (const { delivery } of front) succeed(delivery);
    } catch (error) {
      if (!this.#sender.isTooLarge(error)) {
        this.#repeat = front;
        throw error;
      }
      this.#repeat = [];
      this.#tooLarge(front, error);
      return;
    }
    this.#repeat = [];
    this.#alone = Math.max(0, this.#alone - front.length);
    this.#queue.remove(front.length);
  }

  /** The failed messages as they were, as long as anybody waits for one of them; else the next of the queue. */
  #front(partitions: number): readonly QueuedMessage[] {
    if (this.#repeat.some(({ delivery }) => !delivery.settled)) return this.#repeat;
    if (this.#repeat.length > 0) this.#queue.remove(this.#repeat.length);
    this.#repeat = [];
    return this.#queue.front(partitions, this.#alone > 0 ? 1 : this.#sender.mostMessages);
  }

  /** A topic of others may take less than ours: a refused batch is sent again message by message, and only the one to blame fails. */
  #tooLarge(front: readonly QueuedMessage[], cause: unknown): void {
    if (front.length > 1) {
      this.#alone = front.length;
      return;
    }
    const { message, delivery } = front[0]!;
    const text = `topic ${this.#topic} does not take a message of ${message.value.length} bytes: raise its max.message.bytes or send smaller messages`;
    fail(delivery, new YunweiError("YUNWEI_BUS_MESSAGE_TOO_LARGE", text, { cause }));
    this.#queue.remove(1);
    this.#alone = Math.max(0, this.#alone - 1);
  }

  /** Gives what is under way ten seconds; what is not durable by then is rejected. Idempotent. */
  async close(): Promise<void> {
    const wanted = this.#queue.deliveries().some((delivery) => !delivery.settled);
    if (wanted && this.#running !== undefined) await within(this.#running, CLOSE_LIMIT_MS, this.#stop.signal);
    this.#stop.abort();
    for (const delivery of this.#queue.deliveries()) fail(delivery, unavailable("the bus was closed before the messages were durable"));
    await this.#sender.close().catch((error: unknown) => this.#options.onTrouble(`the producer of ${this.#topic} did not close: ${reasonOf(error)}`));
  }
}

function succeed(delivery: Delivery): void {
  delivery.remaining--;
  if (delivery.remaining > 0 || delivery.settled) return;
  delivery.settled = true;
  delivery.resolve();
}

function fail(delivery: Delivery, error: Error): void {
  if (delivery.settled) return;
  delivery.settled = true;
  delivery.reject(error);
}
