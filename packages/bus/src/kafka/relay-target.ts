import type { BusMessage, DeliveredMessage } from "../bus.ts";

/** Messages for one partition under sequence numbers that the caller has chosen and keeps. */
export interface RelayBatch {
  readonly topic: string;
  readonly partition: number;
  /** From `newProducer`. */
  readonly producerId: string;
  /** Of the first message, 0 to 2^31 - 1; the message behind it has the next one, and so on without a gap. */
  readonly firstSequence: number;
  /** At least one. */
  readonly messages: readonly BusMessage[];
}

/**
 * `appended`: stored with the first message at `offset`, now or by an earlier attempt with the very same numbers.
 * `out-of-sequence`: not stored, because the log has another message than the one before the first as the last of this producer.
 * `too-large`: not stored, and never will be as one batch.
 */
export type AppendOutcome = { readonly kind: "appended"; readonly offset: number } | { readonly kind: "out-of-sequence" } | { readonly kind: "too-large" };

/**
 * Topics of a distant Kafka for a forwarder that must store each message once, whatever breaks. A partition's leader takes a
 * batch of a producer only when its first sequence number is the one after the last it has; whoever keeps producer and numbers
 * over restarts can repeat any batch, ask how far it came, and need not fear a copy that is still under way somewhere.
 * Every method may reject with an error of the driver; nothing is retried here. docs/adr/0009-city-relay.md
 */
export interface RelayTarget {
  /** Undefined when there is no such topic. */
  partitionsOf(topic: string): Promise<number | undefined>;
  /** Offset that the next message of the partition gets. */
  endOf(topic: string, partition: number): Promise<number>;
  /** A producer that nobody has used. */
  newProducer(): Promise<string>;
  /** Sequence number of the last message of the producer that is stored, on its followers too; undefined when the leader knows none (any more). */
  lastSequence(topic: string, partition: number, producerId: string): Promise<number | undefined>;
  /** A rejection means "perhaps". */
  append(batch: RelayBatch): Promise<AppendOutcome>;
  /** Some messages from `fromOffset` on, or from the first there is; `nextOffset` is where to go on, the same as `fromOffset` at the end. */
  read(topic: string, partition: number, fromOffset: number): Promise<{ readonly messages: readonly DeliveredMessage[]; readonly nextOffset: number }>;
  /** Gives up the connections; the next call opens new ones. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}
