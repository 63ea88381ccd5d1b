import type { TopicContract } from "@yunwei/schemas";
import type { BatchHandler, Bus, BusMessage, SubscribeOptions, Subscription } from "../bus.ts";
import type { BusCallbacks, BusCalls } from "./bus-calls.ts";
import { alone } from "./serve-bus.ts";

interface Subscriber {
  readonly handler: BatchHandler;
  readonly cut: SubscribeOptions["cut"];
}

/** The bus of another thread (serveBus). Closing it ends what was subscribed here, not the bus. */
export class ThreadBus implements Bus {
  /** For the other thread to call. */
  readonly callbacks: BusCallbacks = {
    handle: async (subscription, batch) => this.#subscriber(subscription).handler(batch),
    cut: async (subscription, partition, first) => this.#subscriber(subscription).cut?.(partition, first),
  };
  readonly #calls: () => BusCalls;
  readonly #subscribers = new Map<number, Subscriber>();
  #made = 0;

  /** @param calls - asked for when it is needed: the link needs our callbacks first */
  constructor(calls: () => BusCalls) {
    this.#calls = calls;
  }

  ensureTopics(topics: readonly TopicContract[]): Promise<void> {
    return this.#calls().ensureTopics(topics);
  }

  publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    return this.#calls().publish(topic, messages.map(alone));
  }

  async subscribe({ cut, ...options }: SubscribeOptions, handler: BatchHandler): Promise<Subscription> {
    const number = this.#made++;
    this.#subscribers.set(number, { handler, cut });
    try {
      await this.#calls().subscribe(number, { ...options, cuts: cut !== undefined });
    } catch (error) {
      this.#subscribers.delete(number);
      throw error;
    }
    return { lag: () => this.#calls().lagOf(number), close: () => this.#end(number) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscribers.keys()].map((number) => this.#end(number)));
  }

  async #end(number: number): Promise<void> {
    await this.#calls().unsubscribe(number);
    this.#subscribers.delete(number);
  }

  #subscriber(number: number): Subscriber {
    const subscriber = this.#subscribers.get(number);
    if (subscriber === undefined) throw new Error(`subscription ${number} has ended`);
    return subscriber;
  }
}
