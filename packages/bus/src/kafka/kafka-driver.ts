import type { TopicContract } from "@yunwei/schemas";
import type { BatchHandler, BusMessage, SubscribeOptions } from "../bus.ts";

export interface TopicLayout {
  readonly partitions: number;
  /** Whether every partition has a leader now: a new topic has none at first. */
  readonly led: boolean;
}

/** A message with the partition that its key belongs to. */
export interface PlacedMessage {
  readonly message: BusMessage;
  readonly partition: number;
}

/** Sends to one topic with acks=all; called again only when the call before has settled. */
export interface TopicSender {
  /** So many messages at most are given to one send. */
  readonly mostMessages: number;
  /** Durable when resolved. A rejection means "perhaps": the caller sends the very same messages again, unless nobody waits for them any more. */
  send(messages: readonly PlacedMessage[]): Promise<void>;
  /** Whether a broker found the batch too large, which repeating does not mend. */
  isTooLarge(error: unknown): boolean;
  close(): Promise<void>;
}

export interface MemberOptions extends SubscribeOptions {
  /** How long the group waits for us to give a partition back; the batch in hand must end within it. */
  readonly rebalanceTimeoutMs: number;
  /** How long the group waits for a silent member, where the member says so itself (the classic protocol). */
  readonly sessionTimeoutMs: number;
  /** The name that a static member keeps over restarts. */
  readonly instanceId?: string;
  /** The ends of the partitions when subscribed, for `from: "latest"`. */
  readonly ends: ReadonlyMap<number, number>;
  readonly onTrouble: (message: string) => void;
}

/** One member of a consumer group with the partitions that it holds. */
export interface GroupMember {
  /** Resolves with the first assignment, which may be of no partition, or after `limitMs` without one: joining goes on by itself. */
  start(limitMs: number): Promise<void>;
  /** Finishes and commits the batches in hand, then leaves the group. Idempotent. */
  close(): Promise<void>;
}

/** Questions that are neither publishing nor consuming. Errors are the driver's own, not yet translated. */
export interface KafkaQuestions {
  /** Once, before anything else. @throws YunweiError when these brokers can never serve */
  check(): Promise<void>;
  /** Undefined when there is no such topic; may be some seconds old unless `fresh`. */
  layoutOf(topic: string, fresh?: boolean): Promise<TopicLayout | undefined>;
  /** No error when another process was faster. */
  createTopic(contract: TopicContract): Promise<void>;
  /** First offset there is, or the one that the next message gets, of every partition asked for. */
  offsetsOf(topic: string, partitions: readonly number[], end: "earliest" | "latest"): Promise<ReadonlyMap<number, number>>;
  /** `undefined` where the group has committed none. */
  committedOf(groupId: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number | undefined>>;
  close(): Promise<void>;
}

/** What KafkaBus needs of a Kafka client. */
export interface KafkaDriver extends KafkaQuestions {
  sender(topic: string): TopicSender;
  member(options: MemberOptions, handler: BatchHandler): GroupMember;
}
