import type { BatchHandler } from "../bus.ts";
import { beginningOf } from "../kafka/group-offsets.ts";
import { HandledBatches } from "../kafka/handled-batches.ts";
import type { GroupMember, MemberOptions } from "../kafka/kafka-driver.ts";
import { reasonOf } from "../kafka/kafka-errors.ts";
import { type CommitOutcome, MAX_BATCH_BYTES, PartitionConsumer } from "../kafka/partition-consumer.ts";
import { pause, within } from "../kafka/pause.ts";
import { GroupMembership } from "./group-membership.ts";
import { PartitionReader } from "./partition-reader.ts";
import type { PlatformaticCluster } from "./platformatic-cluster.ts";

const RETRY_MS = 250;
/** How long a close waits for the commit of the batch in hand when the brokers are away. */
const CLOSE_LIMIT_MS = 10_000;

interface Holding {
  readonly consumer: PartitionConsumer;
  /** Aborted when the group has taken the partition from us without asking. */
  readonly lost: AbortController;
}

/** One member's share of a topic: brings the partitions that run here in line with what the group wants. */
export class GroupSubscription implements GroupMember {
  readonly #cluster: PlatformaticCluster;
  readonly #options: MemberOptions;
  readonly #handler: BatchHandler;
  readonly #membership: GroupMembership;
  readonly #handled = new HandledBatches();
  readonly #holdings = new Map<number, Holding>();
  /** Consumers of partitions that were taken from us, whose handler still works: the same partition waits for them. */
  readonly #ending = new Map<number, Promise<void>>();
  readonly #assigned = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #target: readonly number[] = [];
  #generation = 0;
  #reconciling: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(cluster: PlatformaticCluster, options: MemberOptions, handler: BatchHandler) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handler = handler;
    this.#membership = new GroupMembership(cluster, {
      groupId: options.groupId,
      topic: options.topic,
      ...(options.instanceId === undefined ? {} : { instanceId: options.instanceId }),
      rebalanceTimeoutMs: options.rebalanceTimeoutMs,
      onTarget: (partitions) => this.#aim(partitions),
      onFenced: () => this.#abandon(),
      onTrouble: options.onTrouble,
    });
  }

  async start(limitMs: number): Promise<void> {
    this.#membership.start();
    await within(this.#assigned.promise, limitMs, this.#stop.signal);
  }

  #aim(partitions: readonly number[]): void {
    this.#target = partitions;
    if (this.#stop.signal.aborted) return;
    this.#reconciling ??= this.#reconcile()
      .catch((error: unknown) => this.#options.onTrouble(`group ${this.#options.groupId}: taking partitions over failed: ${reasonOf(error)}`))
      .finally(() => {
        this.#reconciling = undefined;
      });
  }

  async #reconcile(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const target = new Set(this.#target);
      const gone = [...this.#holdings.keys()].filter((partition) => !target.has(partition));
      const fresh = [...target].filter((partition) => !this.#holdings.has(partition));
      if (gone.length === 0 && fresh.length === 0) break;
      await Promise.all(gone.map((partition) => this.#giveBack(partition)));
      if (gone.length > 0) this.#tellHeld();
      await Promise.all(fresh.map((partition) => this.#takeOver(partition)));
      this.#tellHeld();
    }
    this.#assigned.resolve();
  }

  #tellHeld(): void {
    this.#membership.hold([...this.#holdings.keys()]);
  }

  async #giveBack(partition: number): Promise<void> {
    const generation = this.#generation;
    await this.#holdings.get(partition)?.consumer.stop();
    if (generation === this.#generation) this.#holdings.delete(partition);
  }

  async #takeOver(partition: number): Promise<void> {
    const generation = this.#generation;
    const stale = (): boolean => this.#stop.signal.aborted || generation !== this.#generation || !this.#target.includes(partition);
    await this.#ending.get(partition);
    for (; !stale(); await pause(RETRY_MS, this.#stop.signal)) {
      try {
        const lost = new AbortController();
        const offset = await this.#startOffset(partition, lost);
        if (!stale()) this.#run(partition, offset, lost);
        return;
      } catch (error) {
        this.#options.onTrouble(`group ${this.#options.groupId}: where to begin in ${this.#options.topic}/${partition} is not known yet: ${reasonOf(error)}`);
      }
    }
  }

  async #startOffset(partition: number, lost: AbortController): Promise<number> {
    const { offset, mustCommit } = await beginningOf(this.#cluster, this.#options, partition, this.#handled);
    if (mustCommit) await this.#commit(partition, offset, lost);
    return offset;
  }

  #run(partition: number, offset: number, lost: AbortController): void {
    const { topic, maxBytes = MAX_BATCH_BYTES, onTrouble } = this.#options;
    const reader = new PartitionReader(this.#cluster, topic, partition, offset, maxBytes, onTrouble);
    const commit = async (first: number, next: number): Promise<CommitOutcome> => {
      const outcome = await this.#commit(partition, next, lost);
      if (outcome === "lost") this.#handled.remember(partition, first, next);
      return outcome;
    };
    const consumer = new PartitionConsumer(reader, partition, this.#options, this.#handler, commit, onTrouble);
    this.#handled.forget(partition);
    this.#holdings.set(partition, { consumer, lost });
    consumer.start();
  }

  /** Repeated for as long as the partition is ours, but without brokers only some seconds into a close: what was handled is then delivered again. */
  async #commit(partition: number, nextOffset: number, lost: AbortController): Promise<CommitOutcome> {
    let timer: NodeJS.Timeout | undefined;
    const limit = (): void => {
      timer = setTimeout(() => lost.abort(), CLOSE_LIMIT_MS);
    };
    if (this.#stop.signal.aborted) limit();
    else this.#stop.signal.addEventListener("abort", limit, { once: true });
    try {
      return await this.#membership.commit(partition, nextOffset, lost.signal);
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener("abort", limit);
    }
  }

  /** The group has put us out: every partition stops without a commit, whatever its handler is doing. */
  #abandon(): void {
    this.#generation++;
    for (const [partition, { consumer, lost }] of this.#holdings) {
      lost.abort();
      this.#ending.set(
        partition,
        consumer.stop().finally(() => this.#ending.delete(partition)),
      );
    }
    this.#holdings.clear();
    this.#target = [];
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#stop.abort();
      await this.#reconciling;
      await Promise.all([...[...this.#holdings.values()].map(({ consumer }) => consumer.stop()), ...this.#ending.values()]);
      this.#tellHeld();
      await this.#membership.leave();
    })();
    return this.#closed;
  }
}
