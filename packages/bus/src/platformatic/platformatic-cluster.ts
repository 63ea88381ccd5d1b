import {
  Admin,
  type Broker,
  type Connection,
  ConnectionPool,
  type CreationEvent,
  consumerGroupHeartbeatV1,
  FindCoordinatorKeyTypes,
  findErrorBy,
  instancesChannel,
  ListOffsetTimestamps,
} from "@platformatic/kafka";
import type { TopicContract } from "@yunwei/schemas";
import { answered, NoAnswerError } from "../kafka/answered.ts";
import type { KafkaConnection } from "../kafka/kafka-connection.ts";
import type { KafkaQuestions, TopicLayout } from "../kafka/kafka-driver.ts";
import { unavailable } from "../kafka/kafka-errors.ts";
import { topicSettings } from "../kafka/topic-settings.ts";
import { boundDriverCodecs } from "../kafka/unpack-limits.ts";
import { BrokerLine } from "./broker-line.ts";
import { hasKafkaError } from "./platformatic-errors.ts";

/** A topic as the brokers describe it. */
export interface DescribedTopic {
  /** Kafka's own id of the topic: another one when it was deleted and made again. */
  readonly id: string;
  /** The broker that leads each partition; undefined while it has no leader. */
  readonly leaders: readonly (Broker | undefined)[];
}

const NO_OFFSET = -1n;
/** Over a question with all the driver's retries: members of groups wait for these answers, and must not do so for ever. */
const ANSWER_LIMIT_MS = 20_000;
const CLOSE_LIMIT_MS = 5_000;

/**
 * A connection that breaks in the middle of its login emits two errors, and only the first has a listener: the second would
 * end the process. The requests that were under way fail by themselves.
 */
instancesChannel.subscribe((event) => {
  const { type, instance } = event as CreationEvent<Connection>;
  if (type === "connection") instance.on("error", () => undefined);
});

/** Options that every client of the driver gets; its own retries are few, ours have the deadline. */
export function driverOptions(connection: KafkaConnection) {
  return {
    clientId: connection.clientId,
    bootstrapBrokers: [...connection.brokers],
    retries: 2,
    retryDelay: 200,
    connectTimeout: 5_000,
    requestTimeout: 15_000,
    autocreateTopics: false,
    ...(connection.tls === undefined ? {} : { tls: { ...connection.tls } }),
    ...(connection.sasl === undefined ? {} : { sasl: { ...connection.sasl } }),
  };
}

/** Questions to Kafka over `@platformatic/kafka`, and connections for those who speak its wire protocol. */
export class PlatformaticCluster implements KafkaQuestions {
  readonly connection: KafkaConnection;
  #admin: Admin;
  #isClosed = false;

  constructor(connection: KafkaConnection) {
    this.connection = connection;
    boundDriverCodecs();
    this.#admin = new Admin(driverOptions(connection));
  }

  /** One question within our own time limit. A client that was silent is given up with all that it remembers. */
  async #ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#admin;
    try {
      return await answered(question(admin), ANSWER_LIMIT_MS, what);
    } catch (error) {
      if (error instanceof NoAnswerError && admin === this.#admin && !this.#isClosed) {
        this.#admin = new Admin(driverOptions(this.connection));
        void admin.close().catch(() => undefined);
      }
      throw error;
    }
  }

  /** @throws YunweiError YUNWEI_BUS_UNAVAILABLE when the brokers are too old for the group protocol that we speak */
  async check(): Promise<void> {
    const apis = await this.#ask("the list of protocols", (admin) => admin.listApis());
    const heartbeat = apis.find((api) => api.apiKey === consumerGroupHeartbeatV1.api.key);
    if (heartbeat === undefined || heartbeat.maxVersion < consumerGroupHeartbeatV1.api.version) {
      throw unavailable(
        `the brokers ${this.connection.brokers.join(", ")} do not offer the consumer group protocol of KIP-848: Apache Kafka 4.0 or newer is needed`,
      );
    }
  }

  /** Connections of one asker, with our own time limit on every answer. */
  openLine(): BrokerLine {
    return new BrokerLine(() => this.openPool());
  }

  /** Connections of their own, for what must not wait behind other requests. */
  openPool(): ConnectionPool {
    const { clientId, ...options } = driverOptions(this.connection);
    return new ConnectionPool(clientId, options);
  }

  async layoutOf(topic: string, fresh = false): Promise<TopicLayout | undefined> {
    const found = await this.topicOf(topic, fresh);
    return found === undefined ? undefined : { partitions: found.leaders.length, led: !found.leaders.includes(undefined) };
  }

  /** Undefined when there is no such topic; cached for some seconds unless `fresh`. */
  async topicOf(topic: string, fresh = false): Promise<DescribedTopic | undefined> {
    try {
      const { topics, brokers } = await this.#ask(`the layout of ${topic}`, (admin) => admin.metadata({ topics: [topic], forceUpdate: fresh }));
      const found = topics.get(topic);
      return found === undefined ? undefined : { id: found.id, leaders: found.partitions.map((partition) => brokers.get(partition.leader)) };
    } catch (error) {
      // The driver answers "Unknown topic" with the one error of this code that this call can give.
      if (error instanceof Error && findErrorBy(error, "code", "PLT_KFK_USER") !== null) return undefined;
      throw error;
    }
  }

  async createTopic(contract: TopicContract): Promise<void> {
    const { brokers } = await this.#ask("the list of brokers", (admin) => admin.metadata({ topics: [], forceUpdate: true }));
    const { replicas, configs } = topicSettings(contract, brokers.size);
    try {
      const wanted = { topics: [{ topic: contract.name, partitions: contract.partitions, replicas }], configs };
      await this.#ask(`the making of ${contract.name}`, (admin) => admin.createTopics(wanted));
    } catch (error) {
      if (!hasKafkaError(error, "TOPIC_ALREADY_EXISTS")) throw error;
    }
  }

  async offsetsOf(topic: string, partitions: readonly number[], end: "earliest" | "latest"): Promise<Map<number, number>> {
    if (partitions.length === 0) return new Map();
    const timestamp = end === "earliest" ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST;
    const wanted = { topics: [{ name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })) }] };
    const listed = await this.#ask(`the offsets of ${topic}`, (admin) => admin.listOffsets(wanted));
    return new Map(listed.flatMap(({ partitions: found }) => found.map((one) => [one.partitionIndex, Number(one.offset)])));
  }

  async committedOf(groupId: string, topic: string, partitions: readonly number[]): Promise<Map<number, number | undefined>> {
    const wanted = { groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [...partitions] }] }] };
    const groups = await this.#ask(`the commits of ${groupId}`, (admin) => admin.listConsumerGroupOffsets(wanted));
    const found = groups.flatMap((group) => group.topics.flatMap((one) => (one.name === topic ? one.partitions : [])));
    return new Map(found.map((one) => [one.partitionIndex, one.committedOffset === NO_OFFSET ? undefined : Number(one.committedOffset)]));
  }

  /** One of the brokers that are known to be there. */
  async anyBroker(): Promise<Broker> {
    const { brokers } = await this.#ask("the list of brokers", (admin) => admin.metadata({ topics: [], forceUpdate: true }));
    const [first] = brokers.values();
    if (first === undefined) throw unavailable("no broker is there");
    return first;
  }

  /** The broker that keeps the members and offsets of a group. */
  async coordinatorOf(groupId: string): Promise<Broker> {
    const wanted = { keyType: FindCoordinatorKeyTypes.GROUP, keys: [groupId] };
    const found = await this.#ask(`the coordinator of ${groupId}`, (admin) => admin.findCoordinator(wanted));
    const coordinator = found.find((one) => one.key === groupId);
    if (coordinator === undefined) throw unavailable(`no broker coordinates the group ${groupId} now`);
    return { host: coordinator.host, port: coordinator.port };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await answered(this.#admin.close(), CLOSE_LIMIT_MS, "closing the client");
  }
}
