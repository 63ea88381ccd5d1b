import type { TopicContract } from "@yunwei/schemas";
import type { BusMessage, DeliveredMessage, SubscribeOptions } from "../bus.ts";

/** What crosses to the thread that has the bus: limits as they are at the time of subscribing. */
export interface PlainSubscribeOptions extends Omit<SubscribeOptions, "cut"> {
  /** Whether `cut` of the callbacks is to be asked. */
  readonly cuts: boolean;
}

/** What the thread that has a bus does for another one. Subscriptions are numbered by who makes them. */
export interface BusCalls {
  ensureTopics(topics: readonly TopicContract[]): Promise<void>;
  publish(topic: string, messages: readonly BusMessage[]): Promise<void>;
  subscribe(subscription: number, options: PlainSubscribeOptions): Promise<void>;
  unsubscribe(subscription: number): Promise<void>;
  lagOf(subscription: number): Promise<number>;
}

/** What it asks of that thread meanwhile. */
export interface BusCallbacks {
  handle(subscription: number, batch: readonly DeliveredMessage[]): Promise<void>;
  cut(subscription: number, partition: number, firstOffset: number): Promise<number | undefined>;
}
