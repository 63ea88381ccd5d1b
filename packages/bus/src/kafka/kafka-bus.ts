import { type TopicContract, YunweiError } from "@yunwei/schemas";
import type { BatchHandler, Bus, BusMessage, SubscribeOptions, Subscription } from "../bus.ts";
import { MAX_MESSAGE_BYTES } from "../embedded/embedded-bus.ts";
import { GroupSubscription } from "./group-subscription.ts";
import { KafkaCluster, type KafkaConnection, type TopicLayout } from "./kafka-cluster.ts";
import { reasonOf, unavailable } from "./kafka-errors.ts";
import { pause } from "./pause.ts";
import { TopicPublisher } from "./topic-publisher.ts";

export interface KafkaBusOptions extends KafkaConnection {
  /** Told of repeated sends, failed reads and heartbeats, redeliveries; default: silence. */
  readonly onTrouble?: (message: string) => void;
  /** A publish that is not durable after this long, retries and all, is rejected; default 120 s. */
  readonly deliveryTimeoutMs?: number;
  /** More waiting bytes than this, per topic, and a publish is refused at once; default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** How long the brokers may be away while opening, creating topics or subscribing; default 30 s. */
  readonly patienceMs?: number;
  /** The longest that a handler may work on a batch while its partition is wanted elsewhere; default 5 minutes. */
  readonly rebalanceTimeoutMs?: number;
}

const DEFAULTS = { deliveryTimeoutMs: 120_000, maxQueuedBytes: 64 * 1024 * 1024, patienceMs: 30_000, rebalanceTimeoutMs: 300_000 };
const RETRY_MS = 250;

/**
 * Opens a bus on an Apache Kafka cluster of version 4.0 or newer.
 * @throws YunweiError YUNWEI_BUS_UNAVAILABLE when no broker answers in time, or the brokers are older
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const bus = new KafkaBus(options);
  try {
    await bus.open();
    return bus;
  } catch (error) {
    await bus.close();
    throw error;
  }
}

class KafkaBus implements Bus {
  readonly #options: KafkaBusOptions & typeof DEFAULTS;
  readonly #cluster: KafkaCluster;
  readonly #publishers = new Map<string, TopicPublisher>();
  readonly #subscriptions = new Set<GroupSubscription>();
  readonly #stop = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: KafkaBusOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#cluster = new KafkaCluster(options);
  }

  #trouble(message: string): void {
    this.#options.onTrouble?.(message);
  }

  async open(): Promise<void> {
    await this.#patiently(`no broker of ${this.#options.brokers.join(", ")} answers`, () => this.#cluster.checkVersion());
  }

  /** Repeats what the brokers' absence makes fail, until it works or patience ends. */
  async #patiently<T>(complaint: string, work: () => Promise<T>): Promise<T> {
    const deadlineMs = Date.now() + this.#options.patienceMs;
    for (;;) {
      try {
        if (this.#stop.signal.aborted) throw unavailable("the bus is closed");
        return await work();
      } catch (error) {
        if (error instanceof YunweiError) throw error;
        if (Date.now() > deadlineMs) throw unavailable(complaint, error);
        await pause(RETRY_MS, this.#stop.signal);
      }
    }
  }

  async ensureTopics(topics: readonly TopicContract[]): Promise<void> {
    for (const contract of topics) {
      await this.#patiently(`topic ${contract.name} could not be created`, async () => {
        const layout = await this.#cluster.layoutOf(contract.name, true);
        if (layout === undefined) await this.#cluster.createTopic(contract);
        else if (layout.leaders.length < contract.partitions) {
          this.#trouble(
            `topic ${contract.name} has ${layout.leaders.length} of ${contract.partitions} partitions: adding some would split the order of its keys`,
          );
        }
        await this.#untilLed(contract.name);
      });
    }
  }

  /** A new topic is known to the brokers one after another, and has no leaders at first. */
  async #untilLed(topic: string): Promise<void> {
    const leaders = (await this.#cluster.layoutOf(topic, true))?.leaders;
    if (leaders === undefined || leaders.includes(undefined)) throw new Error(`topic ${topic} has no leader yet`);
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    const large = messages.find((message) => message.value.length > MAX_MESSAGE_BYTES);
    if (large !== undefined) {
      throw new YunweiError(
        "YUNWEI_BUS_MESSAGE_TOO_LARGE",
        `a message of ${large.value.length} bytes is over the ${MAX_MESSAGE_BYTES} that the bus takes; send smaller batches`,
      );
    }
    if (this.#stop.signal.aborted) throw unavailable("the bus is closed");
    let publisher = this.#publishers.get(topic);
    if (publisher === undefined) {
      const { deliveryTimeoutMs, maxQueuedBytes } = this.#options;
      publisher = new TopicPublisher(topic, this.#cluster, { deliveryTimeoutMs, maxQueuedBytes, onTrouble: (message) => this.#trouble(message) });
      this.#publishers.set(topic, publisher);
    }
    await publisher.publish(messages);
  }

  async subscribe(options: SubscribeOptions, handler: BatchHandler): Promise<Subscription> {
    const { topic, groupId, from = "earliest" } = options;
    const [layout, ends] = await this.#patiently(`group ${groupId} could not subscribe to ${topic}`, async () => {
      const found = await this.#cluster.layoutOf(topic);
      if (found === undefined) throw unavailable(`topic ${topic} does not exist: create it with ensureTopics`);
      const partitions = from === "latest" ? found.leaders.map((_, partition) => partition) : [];
      return [found, await this.#cluster.offsetsOf(topic, partitions, "latest")] as [TopicLayout, Map<number, number>];
    });
    const { rebalanceTimeoutMs, patienceMs } = this.#options;
    const subscription = new GroupSubscription(
      this.#cluster,
      layout,
      { ...options, ends, rebalanceTimeoutMs, onTrouble: (message) => this.#trouble(message) },
      handler,
    );
    this.#subscriptions.add(subscription);
    await subscription.start(patienceMs);
    return {
      close: async () => {
        await subscription.close();
        this.#subscriptions.delete(subscription);
      },
      lag: () => subscription.lag(),
    };
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#stop.abort();
      await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
      await Promise.all([...this.#publishers.values()].map((publisher) => publisher.close()));
      await this.#cluster.close().catch((error: unknown) => this.#trouble(`closing the connections failed: ${reasonOf(error)}`));
    })();
    return this.#closed;
  }
}
