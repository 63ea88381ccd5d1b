import type { Bus, BusMessage, DeliveredMessage, SubscribeOptions, Subscription } from "../bus.ts";
import type { BusCallbacks, BusCalls, PlainSubscribeOptions } from "./bus-calls.ts";

/** Lets another thread use `bus`, which stays the caller's to close. */
export function serveBus(bus: Bus, callbacks: BusCallbacks): BusCalls {
  const subscriptions = new Map<number, Subscription>();
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics),
    publish: (topic, messages) => bus.publish(topic, messages),
    async subscribe(number, options) {
      const subscription = await bus.subscribe(withCut(options, number, callbacks), (batch) => callbacks.handle(number, batch.map(alone)));
      subscriptions.set(number, subscription);
    },
    async unsubscribe(number) {
      const subscription = subscriptions.get(number);
      subscriptions.delete(number);
      await subscription?.close();
    },
    lagOf: async (number) => (await subscriptions.get(number)?.lag()) ?? 0,
  };
}

function withCut({ cuts, ...options }: PlainSubscribeOptions, number: number, callbacks: BusCallbacks): SubscribeOptions {
  return cuts ? { ...options, cut: (partition, first) => callbacks.cut(number, partition, first) } : options;
}

/** The message with a value of its own: a copy for another thread takes the whole buffer that a view looks into. */
export function alone<M extends BusMessage | DeliveredMessage>(message: M): M {
  return { ...message, value: new Uint8Array(message.value) };
}
