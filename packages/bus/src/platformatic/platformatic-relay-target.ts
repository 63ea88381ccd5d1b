import { setTimeout as sleep } from "node:timers/promises";
import {
  type Connection,
  type ConnectionPool,
  describeProducersV0,
  FetchIsolationLevels,
  fetchV13,
  initProducerIdV4,
  ListOffsetTimestamps,
  listOffsetsV6,
  NumericMap,
  produceV9,
} from "@platformatic/kafka";
import type { KafkaConnection } from "../kafka/kafka-connection.ts";
import { within } from "../kafka/pause.ts";
import type { AppendOutcome, RelayBatch, RelayTarget } from "../kafka/relay-target.ts";
import { type FetchedRecords, fetchedRecords, toKafkaMessage } from "./kafka-records.ts";
import { type DescribedTopic, PlatformaticCluster } from "./platformatic-cluster.ts";
import { hasKafkaError } from "./platformatic-errors.ts";

const ACKS_ALL = -1;
/** How long the leader may wait for its followers. */
const ACK_LIMIT_MS = 10_000;
const TRANSACTION_UNUSED_MS = 60_000;
const FETCH_WAIT_MS = 100;
const FETCH_BYTES = 1024 * 1024;
const CLOSE_LIMIT_MS = 500;
const EPOCH_UNKNOWN = -1;
/** Replica ids of ListOffsets: one is told how far consumers may read, the other where the leader's log ends. */
const AS_CONSUMER = -1;
const AS_DEBUGGER = -2;
const REPLICATION_PAUSE_MS = 50;
const NO_SESSION = { id: 0, epoch: -1 };

/** The protocol's own Produce with numbers of ours: the driver's producer would choose and forget them by itself. */
export class PlatformaticRelayTarget implements RelayTarget {
  readonly #cluster: PlatformaticCluster;
  #pool: ConnectionPool;
  #mustLookAgain = false;

  constructor(connection: KafkaConnection) {
    this.#cluster = new PlatformaticCluster(connection);
    this.#pool = this.#cluster.openPool();
  }

  async partitionsOf(topic: string): Promise<number | undefined> {
    return (await this.#find(topic))?.leaders.length;
  }

  async #find(topic: string): Promise<DescribedTopic | undefined> {
    const found = await this.#cluster.topicOf(topic, this.#mustLookAgain);
    this.#mustLookAgain = false;
    return found;
  }

  async endOf(topic: string, partition: number): Promise<number> {
    const end = (await this.#cluster.offsetsOf(topic, [partition], "latest")).get(partition);
    if (end === undefined) throw new Error(`no answer for ${topic}/${partition}`);
    return end;
  }

  async newProducer(): Promise<string> {
    const broker = await this.#cluster.anyBroker();
    const { producerId } = await initProducerIdV4.api.async(await this.#pool.get(broker), null, TRANSACTION_UNUSED_MS);
    return String(producerId);
  }

  async lastSequence(topic: string, partition: number, producerId: string): Promise<number | undefined> {
    const { connection } = await this.#leaderOf(topic, partition);
    const answer = await describeProducersV0.api.async(connection, [{ name: topic, partitionIndexes: [partition] }]);
    const found = answer.topics.flatMap((one) => one.partitions).find((one) => one.partitionIndex === partition);
    if (found === undefined) throw new Error(`no answer for ${topic}/${partition}`);
    const producer = found.activeProducers.find((one) => String(one.producerId) === producerId);
    if (producer !== undefined) await untilReplicated(connection, topic, partition);
    return producer?.lastSequence;
  }

  async append({ topic, partition, producerId, firstSequence, messages }: RelayBatch): Promise<AppendOutcome> {
    const { connection } = await this.#leaderOf(topic, partition);
    const sequences = new NumericMap();
    sequences.set(`${topic}:${partition}`, firstSequence);
    // The time of sending, not that of the message: brokers forget a producer, and delete its data, by these times.
    const records = messages.map((message) => toKafkaMessage(message, topic, partition));
    try {
      const answer = await produceV9.api.async(connection, ACKS_ALL, ACK_LIMIT_MS, records as Parameters<typeof produceV9.createRequest>[2], {
        compression: "none",
        producerId: BigInt(producerId),
        producerEpoch: 0,
        sequences,
      });
      const stored = typeof answer === "boolean" ? undefined : answer.responses[0]?.partitionResponses[0];
      if (stored === undefined) throw new Error(`no answer for ${topic}/${partition}`);
      return { kind: "appended", offset: Number(stored.baseOffset) };
    } catch (error) {
      if (hasKafkaError(error, "OUT_OF_ORDER_SEQUENCE_NUMBER", "DUPLICATE_SEQUENCE_NUMBER")) return { kind: "out-of-sequence" };
      if (hasKafkaError(error, "MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE")) return { kind: "too-large" };
      throw error;
    }
  }

  async read(topic: string, partition: number, fromOffset: number): Promise<FetchedRecords> {
    const first = (await this.#cluster.offsetsOf(topic, [partition], "earliest")).get(partition) ?? 0;
    const end = await this.endOf(topic, partition);
    const from = Math.max(fromOffset, first);
    if (from >= end) return { messages: [], nextOffset: fromOffset };
    const { connection, topicId } = await this.#leaderOf(topic, partition);
    const wanted = { partition, currentLeaderEpoch: EPOCH_UNKNOWN, fetchOffset: BigInt(from), lastFetchedEpoch: EPOCH_UNKNOWN, partitionMaxBytes: FETCH_BYTES };
    const answer = await fetchV13.api.async(
      connection,
      FETCH_WAIT_MS,
      1,
      FETCH_BYTES,
      FetchIsolationLevels.READ_UNCOMMITTED,
      NO_SESSION.id,
      NO_SESSION.epoch,
      [{ topicId, partitions: [wanted] }],
      [],
      "",
    );
    const found = answer.responses.flatMap((one) => one.partitions).find((one) => one.partitionIndex === partition);
    return fetchedRecords(found?.records ?? [], topic, partition, from);
  }

  async #leaderOf(topic: string, partition: number): Promise<{ connection: Connection; topicId: string }> {
    const found = await this.#find(topic);
    const leader = found?.leaders[partition];
    if (found === undefined || leader === undefined) {
      this.#mustLookAgain = true;
      throw new Error(found === undefined ? `topic ${topic} does not exist` : `${topic}/${partition} has no leader`);
    }
    return { connection: await this.#pool.get(leader), topicId: found.id };
  }

  async reconnect(): Promise<void> {
    const old = this.#pool;
    this.#pool = this.#cluster.openPool();
    this.#mustLookAgain = true;
    await closeSoon(old);
  }

  async close(): Promise<void> {
    await closeSoon(this.#pool);
    await within(this.#cluster.close(), CLOSE_LIMIT_MS, new AbortController().signal);
  }
}

/**
 * A leader counts what it has appended, also what is lost with it because no follower has it yet. What it had when asked is safe
 * once consumers may read to where its log ended then, under the same leader.
 */
async function untilReplicated(connection: Connection, topic: string, partition: number): Promise<void> {
  const deadlineMs = Date.now() + ACK_LIMIT_MS;
  const end = await latestOf(connection, topic, partition, AS_DEBUGGER);
  for (;;) {
    const readable = await latestOf(connection, topic, partition, AS_CONSUMER);
    if (readable.leaderEpoch !== end.leaderEpoch) throw new Error(`${topic}/${partition} has another leader now`);
    if (readable.offset >= end.offset) return;
    if (Date.now() > deadlineMs) throw new Error(`the followers of ${topic}/${partition} do not keep up with its leader`);
    await sleep(REPLICATION_PAUSE_MS);
  }
}

async function latestOf(connection: Connection, topic: string, partition: number, replica: number): Promise<{ offset: bigint; leaderEpoch: number }> {
  const wanted = { partitionIndex: partition, currentLeaderEpoch: EPOCH_UNKNOWN, timestamp: ListOffsetTimestamps.LATEST };
  const answer = await listOffsetsV6.api.async(connection, replica, FetchIsolationLevels.READ_UNCOMMITTED, [{ name: topic, partitions: [wanted] }]);
  const found = answer.topics[0]?.partitions[0];
  if (found === undefined) throw new Error(`no answer for ${topic}/${partition}`);
  return found;
}

/** A connection closes when its last bytes are sent, which over a dead link is never: it ends when its request has timed out. */
function closeSoon(pool: ConnectionPool): Promise<void> {
  return within(pool.close(), CLOSE_LIMIT_MS, new AbortController().signal);
}
