import type { TopicContract } from "@yunwei/schemas";
import type { Admin } from "kafkajs";
import type { KafkaConnection } from "../kafka/kafka-connection.ts";
import type { KafkaQuestions, TopicLayout } from "../kafka/kafka-driver.ts";
import { topicSettings } from "../kafka/topic-settings.ts";
import { kafkaJsClient } from "./kafkajs-client.ts";
import { hasKafkaJsType } from "./kafkajs-errors.ts";
import { installCodecs } from "./record-codecs.ts";

const LAYOUT_AGE_MS = 5_000;
const NO_OFFSET = "-1";
const NO_LEADER = -1;

/** Questions to Kafka over kafkajs's admin client. */
export class KafkaJsCluster implements KafkaQuestions {
  readonly connection: KafkaConnection;
  #admin: Promise<Admin> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #layouts = new Map<string, { readonly layout: TopicLayout; readonly untilMs: number }>();

  constructor(connection: KafkaConnection) {
    this.connection = connection;
    installCodecs();
  }

  async check(): Promise<void> {
    await this.#ask((admin) => admin.describeCluster());
  }

  /**
   * One question at a time: kafkajs keeps one table of topics per client, which a question about another topic replaces under
   * the feet of the first (it then answers with no partitions at all). After an error the client is thrown away: it may hold
   * brokers and topics that are gone.
   */
  #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const answer = this.#turn.then(async () => {
      this.#admin ??= this.#connect();
      try {
        return await question(await this.#admin);
      } catch (error) {
        const failed = this.#admin;
        this.#admin = undefined;
        void failed.then((admin) => admin.disconnect()).catch(() => undefined);
        throw error;
      }
    });
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #connect(): Promise<Admin> {
    const admin = kafkaJsClient(this.connection).admin();
    await admin.connect();
    return admin;
  }

  async layoutOf(topic: string, fresh = false): Promise<TopicLayout | undefined> {
    const known = this.#layouts.get(topic);
    if (known !== undefined && !fresh && Date.now() < known.untilMs) return known.layout;
    const layout = await this.#ask(async (admin) => {
      try {
        const found = (await admin.fetchTopicMetadata({ topics: [topic] })).topics.find(({ name }) => name === topic);
        if (found === undefined) return undefined;
        return { partitions: found.partitions.length, led: found.partitions.every(({ leader }) => leader !== NO_LEADER) };
      } catch (error) {
        if (hasKafkaJsType(error, "UNKNOWN_TOPIC_OR_PARTITION")) return undefined;
        throw error;
      }
    });
    if (layout === undefined) this.#layouts.delete(topic);
    else this.#layouts.set(topic, { layout, untilMs: Date.now() + LAYOUT_AGE_MS });
    return layout;
  }

  async createTopic(contract: TopicContract): Promise<void> {
    await this.#ask(async (admin) => {
      const { replicas, configs } = topicSettings(contract, (await admin.describeCluster()).brokers.length);
      const topic = { topic: contract.name, numPartitions: contract.partitions, replicationFactor: replicas, configEntries: configs };
      await admin.createTopics({ topics: [topic], waitForLeaders: false });
    });
  }

  async offsetsOf(topic: string, partitions: readonly number[], end: "earliest" | "latest"): Promise<ReadonlyMap<number, number>> {
    if (partitions.length === 0) return new Map();
    const found = await this.#ask((admin) => admin.fetchTopicOffsets(topic));
    const offsets = new Map(found.map(({ partition, low, high }) => [partition, Number(end === "earliest" ? low : high)]));
    return allOf(partitions, offsets, topic);
  }

  async committedOf(groupId: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number | undefined>> {
    const groups = await this.#ask((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const found = groups.flatMap((one) => (one.topic === topic ? one.partitions : []));
    const offsets = new Map(found.map(({ partition, offset }) => [partition, offset === NO_OFFSET ? undefined : Number(offset)]));
    return allOf(partitions, offsets, topic);
  }

  async close(): Promise<void> {
    await this.#turn;
    await (await this.#admin)?.disconnect();
    this.#admin = undefined;
  }
}

/** A partition without an answer must not pass for one without an offset. */
function allOf<T>(partitions: readonly number[], offsets: ReadonlyMap<number, T>, topic: string): ReadonlyMap<number, T> {
  const missing = partitions.filter((partition) => !offsets.has(partition));
  if (missing.length > 0) throw new Error(`no answer for the partitions ${missing.join(", ")} of topic ${topic}`);
  return offsets;
}
