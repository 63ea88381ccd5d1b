import { Producer } from "@platformatic/kafka";
import type { PlacedMessage, TopicSender } from "../kafka/kafka-driver.ts";
import { toKafkaMessage } from "./kafka-records.ts";
import { driverOptions, type PlatformaticCluster } from "./platformatic-cluster.ts";
import { hasKafkaError } from "./platformatic-errors.ts";

/**
 * For ten minutes at least, as long as a publisher can be told to wait. The driver repeats a send under the same sequence numbers,
 * by which the broker knows what it has; what it has given up is sent again under new ones, and stored twice if it was there.
 */
const REPEATS = 2_400;

/**
 * An idempotent producer for one topic. A failed send resets the sequence numbers, and a second send that had read the old
 * producer id would then be taken by the broker for a repetition of an older batch and silently dropped: hence one topic, one
 * producer, one send at a time (docs/adr/0005-kafka-cluster.md).
 */
export class PlatformaticSender implements TopicSender {
  readonly mostMessages = 10_000;
  readonly #topic: string;
  readonly #producer: Producer;

  constructor(topic: string, cluster: PlatformaticCluster) {
    this.#topic = topic;
    this.#producer = new Producer({ ...driverOptions(cluster.connection), idempotent: true, retries: REPEATS, retryDelay: 250, requestTimeout: 30_000 });
  }

  async send(messages: readonly PlacedMessage[]): Promise<void> {
    await this.#producer.send({ messages: messages.map(({ message, partition }) => toKafkaMessage(message, this.#topic, partition)) });
  }

  isTooLarge(error: unknown): boolean {
    return hasKafkaError(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE");
  }

  async close(): Promise<void> {
    await this.#producer.close(true);
  }
}
