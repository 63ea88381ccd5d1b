import type { BatchHandler } from "../bus.ts";
import { beginningOf } from "../kafka/group-offsets.ts";
import { HandledBatches } from "../kafka/handled-batches.ts";
import type { GroupMember, MemberOptions } from "../kafka/kafka-driver.ts";
import { reasonOf } from "../kafka/kafka-errors.ts";
import { type CommitOutcome, MAX_BATCH_BYTES, PartitionConsumer } from "../kafka/partition-consumer.ts";
import { pause, within } from "../kafka/pause.ts";
import { tellIfSlow } from "../kafka/tell-if-slow.ts";
import { GroupMembership } from "./group-membership.ts";
import { PartitionReader } from "./partition-reader.ts";
import type { PlatformaticCluster } from "./platformatic-cluster.ts";
import { StandstillWatch } from "./standstill-watch.ts";

const RETRY_MS = 250;
/** How long giving a partition back, or a close, waits for the commit of the batch in hand when the brokers do not take it. */
const COMMIT_LIMIT_MS = 10_000;

interface Holding {
  readonly consumer: PartitionConsumer;
  /** Aborted when the group has taken the partition from us without asking. */
  readonly lost: AbortController;
  /** Aborted when the group wants the partition back. */
  readonly wanted: AbortController;
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
    const membership = this.#membership;
    const watch = new StandstillWatch(this.#cluster, this.#options, {
      held: () => [...this.#holdings.keys()],
      intervalMs: () => membership.intervalMs,
      census: () => membership.census(),
      expel: (member) => membership.expel(member),
      advance: () => membership.advance(),
      rejoin: () => membership.rejoin(),
    });
    void watch.run(this.#stop.signal);
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
      if (gone.length > 0) this.#tellHeld(`gave back ${gone.join(", ")}`);
      await Promise.all(fresh.map((partition) => this.#takeOver(partition)));
      if (fresh.length > 0) this.#tellHeld(`was given ${fresh.join(", ")}`);
    }
    this.#assigned.resolve();
  }

  #tellHeld(why: string): void {
    const held = [...this.#holdings.keys()];
    this.#options.onTrouble(`group ${this.#options.groupId}: ${why}, holds ${held.length === 0 ? "no partition" : held.join(", ")}`);
    this.#membership.hold(held);
  }

  #place(partition: number): string {
    return `group ${this.#options.groupId}: ${this.#options.topic}/${partition}`;
  }

  async #giveBack(partition: number): Promise<void> {
    const generation = this.#generation;
    const holding = this.#holdings.get(partition);
    holding?.wanted.abort();
    if (holding !== undefined)
      await tellIfSlow(holding.consumer.stop(), `${this.#place(partition)} is wanted elsewhere and its batch in hand`, this.#options.onTrouble);
    if (generation === this.#generation) this.#holdings.delete(partition);
  }

  async #takeOver(partition: number): Promise<void> {
    const generation = this.#generation;
    const stale = (): boolean => this.#stop.signal.aborted || generation !== this.#generation || !this.#target.includes(partition);
    const before = this.#ending.get(partition);
    if (before !== undefined)
      await tellIfSlow(before, `${this.#place(partition)} waits for the batch that was in hand when it was lost`, this.#options.onTrouble);
    for (; !stale(); await pause(RETRY_MS, this.#stop.signal)) {
      try {
        const offset = await this.#startOffset(partition);
        if (!stale()) this.#run(partition, offset);
        return;
      } catch (error) {
        this.#options.onTrouble(`${this.#place(partition)}: where to begin is not known yet: ${reasonOf(error)}`);
      }
    }
  }

  async #startOffset(partition: number): Promise<number> {
    const { offset, mustCommit } = await beginningOf(this.#cluster, this.#options, partition, this.#handled);
    if (!mustCommit) return offset;
    // Not ours yet as the group sees it: a commit that is not taken at once must not hold up what the group decides meanwhile.
    const outcome = await this.#commit(partition, offset, new AbortController(), AbortSignal.abort());
    if (outcome === "lost") throw new Error(`the commit at ${offset} was not taken`);
    return offset;
  }

  #run(partition: number, offset: number): void {
    const { topic, maxBytes = MAX_BATCH_BYTES, onTrouble } = this.#options;
    const reader = new PartitionReader(this.#cluster, topic, partition, offset, maxBytes, onTrouble);
    const [lost, wanted] = [new AbortController(), new AbortController()];
    const hurry = AbortSignal.any([this.#stop.signal, wanted.signal]);
    const commit = async (first: number, next: number): Promise<CommitOutcome> => {
      const outcome = await this.#commit(partition, next, lost, hurry);
      if (outcome === "lost") this.#handled.remember(partition, first, next);
      return outcome;
    };
    const consumer = new PartitionConsumer(reader, partition, this.#options, this.#handler, commit, onTrouble);
    this.#handled.forget(partition);
    this.#holdings.set(partition, { consumer, lost, wanted });
    consumer.start();
  }

  /**
   * Repeated for as long as the partition is ours, but only for some seconds once it is wanted back or we close: who waits for
   * a commit that nobody takes keeps the partition from everyone. What was handled is then delivered again.
   */
  async #commit(partition: number, nextOffset: number, lost: AbortController, hurry: AbortSignal): Promise<CommitOutcome> {
    let timer: NodeJS.Timeout | undefined;
    const limit = (): void => {
      timer = setTimeout(() => lost.abort(), COMMIT_LIMIT_MS);
    };
    if (hurry.aborted) limit();
    else hurry.addEventListener("abort", limit, { once: true });
    try {
      return await this.#membership.commit(partition, nextOffset, lost.signal);
    } finally {
      clearTimeout(timer);
      hurry.removeEventListener("abort", limit);
    }
  }

  /** The group has put us out: every partition stops without a commit, whatever its handler is doing. */
  #abandon(): void {
    this.#generation++;
    const held = [...this.#holdings.keys()];
    this.#options.onTrouble(`group ${this.#options.groupId}: put out; ${held.length === 0 ? "held no partition" : `gives up ${held.join(", ")}`}`);
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
      this.#holdings.clear();
      this.#membership.hold([]);
      await this.#membership.leave();
    })();
    return this.#closed;
  }
}
