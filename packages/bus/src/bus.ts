import type { TopicContract } from "@yunwei/schemas";

/** What is published. Order is kept among messages of one key. */
export interface BusMessage {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a consumer receives: `offset` counts up from 0 in its partition, without order between partitions. */
export interface DeliveredMessage extends BusMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the bus took it, Unix milliseconds. */
  readonly timestampMs: number;
}

/**
 * Gets messages of ONE partition, in order, without a gap. Resolving commits the batch; rejecting leaves it to be
 * delivered again after a pause (the same messages first, perhaps more behind them).
 */
export type BatchHandler = (batch: readonly DeliveredMessage[]) => Promise<void>;

export interface SubscribeOptions {
  readonly topic: string;
  /** Consumers of one group share the partitions; each group sees every message. */
  readonly groupId: string;
  /** A batch closes at this many messages (default 1,000) or bytes of values (default 8 MiB) ... */
  readonly maxMessages?: number;
  readonly maxBytes?: number;
  /** ... or this long after its first message arrived (default 0: as soon as there is one). */
  readonly lingerMs?: number;
  /** Where a group without a committed offset begins; default "earliest". */
  readonly from?: "earliest" | "latest";
  /**
   * Asked before each batch: the last offset the batch that begins at `firstOffset` must have, or undefined for a
   * free cut. With it a consumer that wrote down its batch boundary gets the very same batch again after a crash.
   */
  readonly cut?: (partition: number, firstOffset: number) => Promise<number | undefined>;
}

export interface Subscription {
  /** Finishes the batch in hand, then stops. Idempotent. */
  close(): Promise<void>;
  /** Messages not yet committed, all partitions of the topic together. */
  lag(): Promise<number>;
}

/** Durable, partitioned, at least once. Two adapters, one contract suite (bus.contract.ts). */
export interface Bus {
  /** Creates what is missing; never shrinks or deletes. Idempotent. */
  ensureTopics(topics: readonly TopicContract[]): Promise<void>;
  /**
   * Resolves when all messages are durable. What was published is not to be changed after. A rejection means "perhaps": publish again, ids make it a no-op.
   * @throws YunweiError-like error with `code` "YUNWEI_BUS_UNAVAILABLE" (retry) or "YUNWEI_BUS_MESSAGE_TOO_LARGE" (do not)
   */
  publish(topic: string, messages: readonly BusMessage[]): Promise<void>;
  subscribe(options: SubscribeOptions, handler: BatchHandler): Promise<Subscription>;
  /** Finishes batches in hand, then releases everything. Idempotent. */
  close(): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A JSON bus value; the topics of findings use it. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** @throws SyntaxError or TypeError when the bytes are not JSON in UTF-8 */
export function decodeJson(value: Uint8Array): unknown {
  return JSON.parse(decoder.decode(value));
}
