import type { Consumer, EachBatchPayload, Offsets } from "kafkajs";
import type { BatchHandler } from "../bus.ts";
import { beginningOf } from "../kafka/group-offsets.ts";
import type { HandledBatches } from "../kafka/handled-batches.ts";
import type { MemberOptions } from "../kafka/kafka-driver.ts";
import { reasonOf } from "../kafka/kafka-errors.ts";
import { type CommitOutcome, MAX_BATCH_BYTES, PartitionConsumer } from "../kafka/partition-consumer.ts";
import { pause, within } from "../kafka/pause.ts";
import { gatedAssigner } from "./join-gate.ts";
import { kafkaJsClient } from "./kafkajs-client.ts";
import type { KafkaJsCluster } from "./kafkajs-cluster.ts";
import { hasKafkaJsType } from "./kafkajs-errors.ts";
import { deliveredMessages, fetchedFrom } from "./kafkajs-records.ts";
import { PushedSource } from "./pushed-source.ts";

const RETRY_MS = 250;
/** How long giving a partition back waits for the commit of its last batch when the brokers do not take it. */
const COMMIT_LIMIT_MS = 10_000;
const DISCONNECT_LIMIT_MS = 10_000;
/** How long a broker holds a fetch that finds nothing new; also how late a paused partition may go on. */
const LONG_POLL_MS = 250;
const MOST_PARTITION_BYTES = 2 * 1024 * 1024;
const MOST_FETCH_BYTES = 8 * 1024 * 1024;
/** Batches of different partitions that kafkajs hands over at the same time: all of a fetch, or one could wait beyond a rebalance. */
const LEAST_WORKERS = 64;

interface Holding {
  readonly source: PushedSource;
  readonly consumer: PartitionConsumer;
  /** Aborted when the partition is lost: nothing is committed any more. */
  readonly lost: AbortController;
}

/**
 * One kafkajs consumer from its joining to its end. kafkajs fetches, beats the heart and keeps the group; it hands what it has
 * fetched to the sources here and never waits for a handler, so that no partition holds up another and no long batch costs
 * the membership. Gathering, handling and committing are PartitionConsumer's, as for the other cluster.
 */
export class ConsumerSession {
  readonly #cluster: KafkaJsCluster;
  readonly #options: MemberOptions;
  readonly #handler: BatchHandler;
  readonly #handled: HandledBatches;
  readonly #onAssigned: () => void;
  readonly #consumer: Consumer;
  readonly #holdings = new Map<number, Holding>();
  readonly #end = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #generation = 0;
  #isOver = false;
  #releasing: Promise<void> | undefined;
  /** Of the newest batch: kafkajs lends them with each. Both speak for the current membership. */
  #lent: Pick<EachBatchPayload, "heartbeat" | "commitOffsetsIfNecessary"> | undefined;

  constructor(cluster: KafkaJsCluster, options: MemberOptions, handler: BatchHandler, handled: HandledBatches, onAssigned: () => void) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handler = handler;
    this.#handled = handled;
    this.#onAssigned = onAssigned;
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs } = options;
    this.#consumer = kafkaJsClient(cluster.connection).consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.ceil(sessionTimeoutMs / 10),
      rebalanceTimeout: rebalanceTimeoutMs,
      partitionAssigners: [gatedAssigner(() => this.#isReleased())],
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: LONG_POLL_MS,
      maxBytesPerPartition: MOST_PARTITION_BYTES,
      maxBytes: MOST_FETCH_BYTES,
      // Of the gate, and of an absent broker: what cannot be mended ends the session by a crash.
      retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
  }

  /** Resolves when kafkajs has given the consumer up. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  async open(): Promise<void> {
    const { topic, groupId, onTrouble } = this.#options;
    const { GROUP_JOIN, CRASH, START_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#takeAll(payload.memberAssignment[topic] ?? []));
    this.#consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#holdings.get(payload.partition)?.source.skipTo(Number(payload.lastOffset) + 1);
    });
    this.#consumer.on(CRASH, ({ payload }) => {
      onTrouble(`group ${groupId}: the consumer of ${topic} is replaced: ${reasonOf(payload.error)}`);
      this.#isOver = true;
      for (const { lost } of this.#holdings.values()) lost.abort();
      this.#end.resolve();
    });
    const partitions = (await this.#cluster.layoutOf(topic))?.partitions ?? 0;
    await this.#consumer.connect();
    // Only where an offset is no longer in the log: each holding's position is set by us.
    await this.#consumer.subscribe({ topic, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: Math.max(LEAST_WORKERS, 2 * partitions),
      eachBatch: async (payload) => this.#accept(payload),
    });
  }

  /** Before each join: whether all batches in hand are done; if not, they are asked to end. */
  #isReleased(): boolean {
    this.#generation++;
    if (this.#holdings.size === 0) return true;
    this.#releasing ??= this.#release().finally(() => {
      this.#releasing = undefined;
    });
    return false;
  }

  /** Ends all holdings, batch done and committed; the heart beats meanwhile, which kafkajs does not do while it waits to join. */
  async #release(): Promise<void> {
    const beat = setInterval(() => void this.#lent?.heartbeat().catch(() => undefined), Math.ceil(this.#options.sessionTimeoutMs / 10));
    await Promise.all([...this.#holdings.values()].map(({ consumer }) => consumer.stop()));
    clearInterval(beat);
    this.#holdings.clear();
  }

  /** At a join: nothing is fetched before we know where to begin. */
  #takeAll(partitions: readonly number[]): void {
    const { topic } = this.#options;
    const generation = ++this.#generation;
    if (partitions.length > 0) this.#consumer.pause([{ topic, partitions: [...partitions] }]);
    void Promise.all(partitions.map((partition) => this.#take(partition, generation))).then(() => this.#onAssigned());
  }

  async #take(partition: number, generation: number): Promise<void> {
    const { groupId, topic, onTrouble } = this.#options;
    const isStale = (): boolean => this.#stop.signal.aborted || generation !== this.#generation;
    for (; !isStale(); await pause(RETRY_MS, this.#stop.signal)) {
      try {
        const { offset, mustCommit } = await beginningOf(this.#cluster, this.#options, partition, this.#handled);
        if (isStale()) return;
        // kafkajs drops a commit silently while it is still joining: read back by the next turn.
        if (mustCommit) await this.#consumer.commitOffsets([{ topic, partition, offset: String(offset) }]);
        else {
          this.#hold(partition, offset);
          return;
        }
      } catch (error) {
        onTrouble(`group ${groupId}: where to begin in ${topic}/${partition} is not known yet: ${reasonOf(error)}`);
      }
    }
  }

  #hold(partition: number, offset: number): void {
    const { topic, maxBytes = MAX_BATCH_BYTES, onTrouble } = this.#options;
    const here = [{ topic, partitions: [partition] }];
    // Once kafkajs has given the consumer up, there is nothing to steer and the holding is about to end.
    const steer = (work: () => void): void => {
      if (!this.#isOver) work();
    };
    const pauseHere = (): void => steer(() => this.#consumer.pause(here));
    const resumeHere = (): void => steer(() => this.#consumer.resume(here));
    const source = new PushedSource({ fromOffset: offset, maxBytes, pause: pauseHere, resume: resumeHere });
    const lost = new AbortController();
    const commit = async (first: number, next: number): Promise<CommitOutcome> => {
      const outcome = await this.#commit(partition, next, lost.signal);
      if (outcome === "lost") this.#handled.remember(partition, first, next);
      return outcome;
    };
    const consumer = new PartitionConsumer(source, partition, this.#options, this.#handler, commit, onTrouble);
    this.#consumer.seek({ topic, partition, offset: String(offset) });
    this.#handled.forget(partition);
    this.#holdings.set(partition, { source, consumer, lost });
    this.#consumer.resume(here);
    consumer.start();
  }

  /** Without a pause in it: what kafkajs fetched for one membership must not reach the holdings of the next. */
  #accept({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }: EachBatchPayload): void {
    this.#lent = { heartbeat, commitOffsetsIfNecessary };
    const { topic, partition } = batch;
    const source = this.#holdings.get(partition)?.source;
    if (source === undefined) return;
    const last = batch.lastOffset();
    if (source.push(deliveredMessages(batch), fetchedFrom(batch), Number(last) + 1)) resolveOffset(last);
    else this.#consumer.seek({ topic, partition, offset: String(source.nextOffset) });
  }

  async #commit(partition: number, nextOffset: number, lost: AbortSignal): Promise<CommitOutcome> {
    const { groupId, topic, onTrouble } = this.#options;
    const offsets: Offsets = { topics: [{ topic, partitions: [{ partition, offset: String(nextOffset) }] }] };
    let deadlineMs = Number.POSITIVE_INFINITY;
    while (!lost.aborted && Date.now() < deadlineMs) {
      try {
        await this.#lent!.commitOffsetsIfNecessary(offsets);
        return "committed";
      } catch (error) {
        onTrouble(`group ${groupId}: the commit of ${topic}/${partition} at ${nextOffset} failed: ${reasonOf(error)}`);
        if (hasKafkaJsType(error, "UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_INSTANCE_ID")) return "lost";
        if (this.#releasing !== undefined || this.#stop.signal.aborted) deadlineMs = Math.min(deadlineMs, Date.now() + COMMIT_LIMIT_MS);
        await pause(RETRY_MS, lost);
      }
    }
    return "lost";
  }

  /** Finishes and commits the batches in hand while the membership still stands, then leaves. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#release();
    await within(this.#consumer.disconnect(), DISCONNECT_LIMIT_MS, new AbortController().signal);
  }
}
