import { FetchIsolationLevels, fetchV17 } from "@platformatic/kafka";
import { reasonOf } from "../kafka/kafka-errors.ts";
import { MessageBuffer } from "../kafka/message-buffer.ts";
import type { PartitionSource } from "../kafka/partition-consumer.ts";
import { pause } from "../kafka/pause.ts";
import type { BrokerLine } from "./broker-line.ts";
import { fetchedRecords, partitionOfAnswer } from "./kafka-records.ts";
import type { PlatformaticCluster } from "./platformatic-cluster.ts";
import { hasKafkaError } from "./platformatic-errors.ts";

/** How long a broker holds a fetch that finds nothing new. */
const LONG_POLL_MS = 500;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const MOST_FETCH_BYTES = 4 * 1024 * 1024;
const NO_SESSION = { id: 0, epoch: -1 };
const EPOCH_UNKNOWN = -1;

/**
 * Reads one partition from a position that we hold ourselves, over a connection of its own (a broker answers the requests of
 * one connection in turn, so a waiting fetch would hold up every other). At most one fetch is under way; what was fetched
 * waits in memory until it is taken, and is gone with this object: nothing read ahead survives the loss of a partition.
 */
export class PartitionReader implements PartitionSource {
  readonly buffer = new MessageBuffer();
  readonly #cluster: PlatformaticCluster;
  readonly #topic: string;
  readonly #partition: number;
  readonly #onTrouble: (message: string) => void;
  readonly #line: BrokerLine;
  readonly #stop = new AbortController();
  readonly #maxBytes: number;
  #nextOffset: number;
  #fetching: Promise<void> | undefined;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(cluster: PlatformaticCluster, topic: string, partition: number, fromOffset: number, maxBytes: number, onTrouble: (message: string) => void) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#partition = partition;
    this.#nextOffset = fromOffset;
    this.#maxBytes = maxBytes;
    this.#onTrouble = onTrouble;
    this.#line = cluster.openLine();
  }

  /** Every message below it has been fetched. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** One fetch: returns when it has brought something, found nothing for a while, or failed (which it tells, and waits a little). */
  fill(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  readAhead(): void {
    if (this.buffer.bytes < this.#maxBytes && !this.#stop.signal.aborted) void this.fill();
  }

  async #fetch(): Promise<void> {
    try {
      await this.#fetchOnce();
      this.#pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!hasKafkaError(error, "OFFSET_OUT_OF_RANGE")) this.#onTrouble(`reading ${this.#topic}/${this.#partition} failed: ${reasonOf(error)}`);
      await this.#recover(error);
      await pause(this.#pauseMs, this.#stop.signal);
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    }
  }

  async #fetchOnce(): Promise<void> {
    const layout = await this.#cluster.topicOf(this.#topic);
    const leader = layout?.leaders[this.#partition];
    if (layout === undefined || leader === undefined) throw new Error("the partition has no leader");
    const wanted = {
      partition: this.#partition,
      currentLeaderEpoch: EPOCH_UNKNOWN,
      fetchOffset: BigInt(this.#nextOffset),
      lastFetchedEpoch: EPOCH_UNKNOWN,
      partitionMaxBytes: Math.min(this.#maxBytes, MOST_FETCH_BYTES),
    };
    const topics = [{ topicId: layout.id, partitions: [wanted] }];
    const level = FetchIsolationLevels.READ_UNCOMMITTED;
    const answer = await this.#line.ask(leader, "a fetch", (connection) =>
      fetchV17.api.async(connection, LONG_POLL_MS, 1, MOST_FETCH_BYTES, level, NO_SESSION.id, NO_SESSION.epoch, topics, [], ""),
    );
    const fetched = fetchedRecords(partitionOfAnswer(answer, this.#partition)?.records ?? [], this.#topic, this.#partition, this.#nextOffset);
    this.buffer.add(fetched.messages);
    this.#nextOffset = fetched.nextOffset;
  }

  /** After a failed fetch: looks who leads now, and leaves an offset that the log does not hold for the first that it does. */
  async #recover(error: unknown): Promise<void> {
    try {
      await this.#cluster.topicOf(this.#topic, true);
      if (!hasKafkaError(error, "OFFSET_OUT_OF_RANGE")) return;
      const first = (await this.#cluster.offsetsOf(this.#topic, [this.#partition], "earliest")).get(this.#partition) ?? 0;
      this.#onTrouble(`${this.#topic}/${this.#partition} does not hold offset ${this.#nextOffset} (any more): reading goes on at ${first}`);
      this.#nextOffset = first;
    } catch {
      // The brokers are away altogether: the fetch that follows says so.
    }
  }

  /** Gives up what is in memory and under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#line.close();
    await this.#fetching;
  }
}
