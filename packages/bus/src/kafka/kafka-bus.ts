import { type TopicContract, YunweiError } from "@yunwei/schemas";
import type { BatchHandler, Bus, BusMessage, SubscribeOptions, Subscription } from "../bus.ts";
import { MAX_MESSAGE_BYTES } from "../embedded/embedded-bus.ts";
import { lagOf } from "./group-offsets.ts";
import type { KafkaConnection } from "./kafka-connection.ts";
import type { GroupMember, KafkaDriver } from "./kafka-driver.ts";
import { reasonOf, refusalOf, unavailable } from "./kafka-errors.ts";
import { pause } from "./pause.ts";
import { TopicPublisher } from "./topic-publisher.ts";

export const KAFKA_DRIVERS = ["platformatic", "kafkajs"] as const;
/** `platformatic`: Apache Kafka 4.0 or newer, by KIP-848. `kafkajs`: older brokers too, by the classic group protocol, without static membership. */
export type KafkaDriverName = (typeof KAFKA_DRIVERS)[number];

export interface KafkaBusOptions extends KafkaConnection {
  /** Default "platformatic". */
  readonly driver?: KafkaDriverName;
  /**
   * A name of this process that no other process of its groups has and that it keeps over a restart. With it a restart within
   * the session time-out moves no partition: they wait for this process. Without it a closed process gives them up at once.
   */
  readonly instanceId?: string;
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
  /** How long a silent member keeps its partitions; default 30 s. kafkajs only: by KIP-848 the broker decides (group.consumer.session.timeout.ms). */
  readonly sessionTimeoutMs?: number;
}

const DEFAULTS = { deliveryTimeoutMs: 120_000, maxQueuedBytes: 64 * 1024 * 1024, patienceMs: 30_000, rebalanceTimeoutMs: 300_000, sessionTimeoutMs: 30_000 };
const RETRY_MS = 250;
const LOGIN_ATTEMPTS = 3;

/**
 * Opens a bus on an Apache Kafka cluster.
 * @throws YunweiError YUNWEI_BUS_UNAVAILABLE when no broker answers in time, and at once when the brokers are too old for the
 * driver or refuse our login, or their certificate is not trusted; the message names them and the cause
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const bus = new KafkaBus(options, await driverOf(options));
  try {
    await bus.open();
    return bus;
  } catch (error) {
    await bus.close();
    throw error;
  }
}

/** Loads the driver that is used and not the other. */
async function driverOf(options: KafkaBusOptions): Promise<KafkaDriver> {
  if (options.driver === "kafkajs") {
    const { KafkaJsDriver } = await import("../kafkajs/kafkajs-driver.ts");
    if (options.instanceId !== undefined) options.onTrouble?.("kafkajs has no static membership: a restart of this process moves its partitions");
    return new KafkaJsDriver(options);
  }
  const { PlatformaticDriver } = await import("../platformatic/platformatic-driver.ts");
  return new PlatformaticDriver(options);
}

/**
 * A group of ours is one Kafka group for each topic: by the classic protocol every member of a group stops when one comes or
 * goes, and kafkajs's leader deals out its own topics only. A topic's name has no colon, so the two cannot be confused.
 */
function kafkaGroup({ groupId, topic }: SubscribeOptions): string {
  return `${groupId}:${topic}`;
}

class KafkaBus implements Bus {
  readonly #options: KafkaBusOptions & typeof DEFAULTS;
  readonly #driver: KafkaDriver;
  readonly #publishers = new Map<string, TopicPublisher>();
  readonly #members = new Set<GroupMember>();
  readonly #memberCounts = new Map<string, number>();
  readonly #stop = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: KafkaBusOptions, driver: KafkaDriver) {
    this.#options = { ...DEFAULTS, ...options };
    this.#driver = driver;
  }

  #trouble(message: string): void {
    this.#options.onTrouble?.(message);
  }

  async open(): Promise<void> {
    await this.#patiently(`no broker of ${this.#options.brokers.join(", ")} answers`, () => this.#driver.check());
  }

  /** Repeats what the brokers' absence makes fail, until it works or patience ends; a refusal is no absence. */
  async #patiently<T>(complaint: string, work: () => Promise<T>): Promise<T> {
    const deadlineMs = Date.now() + this.#options.patienceMs;
    for (let refusals = 0; ; ) {
      try {
        if (this.#stop.signal.aborted) throw unavailable("the bus is closed");
        return await work();
      } catch (error) {
        if (error instanceof YunweiError) throw error;
        const refusal = refusalOf(error);
        refusals = refusal === undefined ? 0 : refusals + 1;
        if (refusal !== undefined && (refusal.isCertain || refusals >= LOGIN_ATTEMPTS)) {
          throw new YunweiError("YUNWEI_BUS_UNAVAILABLE", `Kafka at ${this.#options.brokers.join(", ")}: ${refusal.text}`, { cause: error });
        }
        if (Date.now() > deadlineMs) throw unavailable(complaint, error);
        await pause(RETRY_MS, this.#stop.signal);
      }
    }
  }

  async ensureTopics(topics: readonly TopicContract[]): Promise<void> {
    for (const contract of topics) {
      await this.#patiently(`topic ${contract.name} could not be created`, async () => {
        const layout = await this.#driver.layoutOf(contract.name, true);
        if (layout === undefined) await this.#driver.createTopic(contract);
        else if (layout.partitions < contract.partitions) {
          this.#trouble(`topic ${contract.name} has ${layout.partitions} of ${contract.partitions} partitions: adding some would split the order of its keys`);
        }
        // A new topic is known to the brokers one after another, and has no leaders at first.
        if ((await this.#driver.layoutOf(contract.name, true))?.led !== true) throw new Error(`topic ${contract.name} has no leader yet`);
      });
    }
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
      publisher = new TopicPublisher(topic, this.#driver, { deliveryTimeoutMs, maxQueuedBytes, onTrouble: (message) => this.#trouble(message) });
      this.#publishers.set(topic, publisher);
    }
    await publisher.publish(messages);
  }

  async subscribe(options: SubscribeOptions, handler: BatchHandler): Promise<Subscription> {
    const { topic, groupId, from = "earliest" } = options;
    const ends = await this.#patiently(`group ${groupId} could not subscribe to ${topic}`, async () => {
      const layout = await this.#driver.layoutOf(topic);
      if (layout === undefined) throw unavailable(`topic ${topic} does not exist: create it with ensureTopics`);
      const partitions = from === "latest" ? Array.from({ length: layout.partitions }, (_, partition) => partition) : [];
      return this.#driver.offsetsOf(topic, partitions, "latest");
    });
    const { rebalanceTimeoutMs, sessionTimeoutMs, patienceMs } = this.#options;
    const common = { ends, rebalanceTimeoutMs, sessionTimeoutMs, onTrouble: (message: string) => this.#trouble(message) };
    const inKafka = { ...options, groupId: kafkaGroup(options) };
    const member = this.#driver.member({ ...inKafka, ...common, ...this.#instanceOf(options) }, handler);
    this.#members.add(member);
    await member.start(patienceMs);
    return {
      close: async () => {
        await member.close();
        this.#members.delete(member);
      },
      lag: () => lagOf(this.#driver, { ...inKafka, ends }),
    };
  }

  /** Two members of one group within one process must not have the same name. */
  #instanceOf({ groupId, topic }: SubscribeOptions): { instanceId?: string } {
    if (this.#options.instanceId === undefined) return {};
    const key = `${groupId}\n${topic}`;
    const count = this.#memberCounts.get(key) ?? 0;
    this.#memberCounts.set(key, count + 1);
    return { instanceId: `${this.#options.instanceId}-${count}` };
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#stop.abort();
      await Promise.all([...this.#members].map((member) => member.close()));
      await Promise.all([...this.#publishers.values()].map((publisher) => publisher.close()));
      await this.#driver.close().catch((error: unknown) => this.#trouble(`closing the connections failed: ${reasonOf(error)}`));
    })();
    return this.#closed;
  }
}
