import type { Message, Producer } from "kafkajs";
import type { KafkaConnection } from "../kafka/kafka-connection.ts";
import type { PlacedMessage, TopicSender } from "../kafka/kafka-driver.ts";
import { within } from "../kafka/pause.ts";
import { kafkaJsClient } from "./kafkajs-client.ts";
import { hasKafkaJsType } from "./kafkajs-errors.ts";

const ACKS_ALL = -1;
/** About a quarter of a minute; what lasts longer comes back to the caller, whose deadline counts. */
const RETRIES = { retries: 15, initialRetryTime: 100, maxRetryTime: 1_000 };
const CLOSE_LIMIT_MS = 5_000;

/**
 * An idempotent producer for one topic. kafkajs takes the sequence numbers of a failed send back, so that the same messages
 * sent again are recognised by a broker that has them. Other messages under those numbers would be taken for a repetition
 * and silently dropped, or refused for ever: they get a new producer, with a new id.
 */
export class KafkaJsSender implements TopicSender {
  /** kafkajs copies the list of a partition's messages for every message of a send. */
  readonly mostMessages = 1_000;
  readonly #topic: string;
  readonly #connection: KafkaConnection;
  #producer: Producer | undefined;
  #failed: readonly PlacedMessage[] | undefined;

  constructor(topic: string, connection: KafkaConnection) {
    this.#topic = topic;
    this.#connection = connection;
  }

  async send(messages: readonly PlacedMessage[]): Promise<void> {
    if (this.#failed !== undefined && !isSame(this.#failed, messages)) await this.#dispose();
    this.#failed = undefined;
    const producer = (this.#producer ??= this.#create());
    try {
      // Not idle: it is a no-op while the producer is connected.
      await producer.connect();
      await producer.send({ topic: this.#topic, acks: ACKS_ALL, messages: messages.map(toMessage) });
    } catch (error) {
      this.#failed = messages;
      if (!isRepeatable(error)) await this.#dispose();
      throw error;
    }
  }

  #create(): Producer {
    return kafkaJsClient(this.#connection).producer({
      idempotent: true,
      // Several at once could overtake each other after a failure.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: RETRIES,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
  }

  isTooLarge(error: unknown): boolean {
    return hasKafkaJsType(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE");
  }

  async #dispose(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    this.#failed = undefined;
    if (producer !== undefined) await within(producer.disconnect(), CLOSE_LIMIT_MS, new AbortController().signal);
  }

  close(): Promise<void> {
    return this.#dispose();
  }
}

function isSame(one: readonly PlacedMessage[], other: readonly PlacedMessage[]): boolean {
  return one.length === other.length && one.every(({ message, partition }, i) => other[i]!.message === message && other[i]!.partition === partition);
}

/** Whether the producer's numbers still stand after this error. */
function isRepeatable(error: unknown): boolean {
  return !hasKafkaJsType(error, "OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING");
}

function toMessage({ message, partition }: PlacedMessage): Message {
  const { key, value, headers } = message;
  return {
    partition,
    key: Buffer.from(key, "utf8"),
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  };
}
