import type { BatchHandler, Bus, BusMessage, SubscribeOptions, Subscription } from "@yunwei/bus";
import type { TopicContract } from "@yunwei/schemas";
import { YunweiError } from "@yunwei/schemas";

export interface Gate {
  /** Whether nothing more of this topic is taken in now. */
  isRefused(topic: string): boolean;
  took(topic: string, messages: readonly BusMessage[]): void;
}

/** The bus as the doors see it: refuses what a full relay has no room for, so that senders keep it, and counts what is taken. */
export class GatedBus implements Bus {
  readonly #bus: Bus;
  readonly #gate: Gate;

  constructor(bus: Bus, gate: Gate) {
    this.#bus = bus;
    this.#gate = gate;
  }

  ensureTopics(topics: readonly TopicContract[]): Promise<void> {
    return this.#bus.ensureTopics(topics);
  }

  /** @throws YunweiError YUNWEI_BUS_UNAVAILABLE when refused, and whatever the bus itself throws */
  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    if (this.#gate.isRefused(topic)) {
      throw new YunweiError(
        "YUNWEI_BUS_UNAVAILABLE",
        `what waits for the core has no room for more of ${topic}: mend the link or free disk space; send again later`,
      );
    }
    await this.#bus.publish(topic, messages);
    this.#gate.took(topic, messages);
  }

  subscribe(options: SubscribeOptions, handler: BatchHandler): Promise<Subscription> {
    return this.#bus.subscribe(options, handler);
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
