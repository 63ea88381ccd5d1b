import { randomUUID } from "node:crypto";
import { type Broker, type Connection, consumerGroupDescribeV0, consumerGroupHeartbeatV1, offsetCommitV9 } from "@platformatic/kafka";
import { reasonOf } from "../kafka/kafka-errors.ts";
import type { CommitOutcome } from "../kafka/partition-consumer.ts";
import { pause } from "../kafka/pause.ts";
import type { BrokerLine } from "./broker-line.ts";
import type { PlatformaticCluster } from "./platformatic-cluster.ts";
import { hasKafkaError } from "./platformatic-errors.ts";
import type { SeenGroup, SeenMember } from "./silent-members.ts";

export interface MembershipOptions {
  readonly groupId: string;
  readonly topic: string;
  /** The name that a static member keeps over restarts: its partitions wait for it. */
  readonly instanceId?: string;
  /** How long the group waits for us to give a partition back; the batch in hand must end within it. */
  readonly rebalanceTimeoutMs: number;
  /** The partitions that we should hold from now on. */
  readonly onTarget: (partitions: readonly number[]) => void;
  /** The group has put us out: nothing is ours, nothing may be committed. */
  readonly onFenced: () => void;
  readonly onTrouble: (message: string) => void;
}

const RETRY_MS = 250;
const TAKEN_MS = 5_000;
const FENCED = ["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID"];
const FIRST_INTERVAL_MS = 1_000;
const JOINING = 0;
const LEAVING = -1;
/** A static member goes and will be back: its partitions stay its own until the session ends. */
const AWAY = -2;

/**
 * One member of a consumer group by KIP-848: the broker decides who holds what; we say what we hold, and give a partition
 * back only when its batch is handled and committed. The driver's own consumer acknowledges a revocation at once, so that
 * the next owner would start before our commit.
 */
export class GroupMembership {
  readonly #cluster: PlatformaticCluster;
  readonly #options: MembershipOptions;
  readonly #line: BrokerLine;
  /** Another one after each time that we were put out: a member that joins again under a name that the group still has is refused until that one's session ends. */
  #memberId: string = randomUUID();
  readonly #stop = new AbortController();
  #coordinator: Broker | undefined;
  #epoch = JOINING;
  #hasJoined = false;
  #mustRejoin = false;
  #held: readonly number[] = [];
  /** Empty until the group has named it. */
  #topicId = "";
  #intervalMs = FIRST_INTERVAL_MS;
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: PlatformaticCluster, options: MembershipOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#line = cluster.openLine();
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Tells the group what we hold now: soon, not at the next interval. */
  hold(partitions: readonly number[]): void {
    this.#held = partitions;
    this.#wake.abort();
  }

  /** Leaves, and joins anew as a member of another name: whatever the group believes of the old one binds nobody then. */
  rejoin(): void {
    this.#mustRejoin = true;
    this.#wake.abort();
  }

  /** What the coordinator asks for between heartbeats. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** The group as its coordinator sees it. */
  async census(): Promise<SeenGroup> {
    const { groupId, topic } = this.#options;
    const { groups } = await this.#ask("the members", (connection) => consumerGroupDescribeV0.api.async(connection, [groupId], false));
    const [group] = groups;
    if (group === undefined) throw new Error(`no answer for the group ${groupId}`);
    const members = group.members.map(({ memberId, instanceId, memberEpoch, assignment }) => ({
      memberId,
      memberEpoch,
      ...(instanceId ? { instanceId } : {}),
      partitions: assignment.topicPartitions.filter(({ topicName }) => topicName === topic).flatMap((one) => one.partitions),
    }));
    return { groupEpoch: group.groupEpoch, assignmentEpoch: group.assignmentEpoch, members };
  }

  /** Says for a member that is gone without a word that it leaves. */
  async expel({ memberId, instanceId }: SeenMember): Promise<void> {
    await this.#send(LEAVING, memberId, instanceId ?? null);
  }

  /** Moves the group on by two epochs, by a member that comes and goes. */
  async advance(): Promise<void> {
    const passer = randomUUID();
    await this.#send(JOINING, passer, null);
    await this.#send(LEAVING, passer, null);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      let waitMs = this.#intervalMs;
      this.#wake = new AbortController();
      try {
        if (this.#mustRejoin) await this.#startAnew(true);
        await this.#heartbeat();
        waitMs = this.#intervalMs;
      } catch (error) {
        waitMs = RETRY_MS;
        await this.#afterError(error);
      }
      if (!this.#stop.signal.aborted) await pause(waitMs, this.#wake.signal);
    }
  }

  async #heartbeat(): Promise<void> {
    const answer = await this.#send(this.#epoch);
    if (this.#epoch === JOINING) this.#options.onTrouble(`group ${this.#options.groupId}: joined as member ${this.#memberId} at epoch ${answer.memberEpoch}`);
    this.#epoch = answer.memberEpoch;
    this.#hasJoined = true;
    if (answer.heartbeatIntervalMs > 0) this.#intervalMs = answer.heartbeatIntervalMs;
    if (answer.assignment === null || this.#stop.signal.aborted) return;
    const ours = answer.assignment.topicPartitions;
    const unknown = ours.find((one) => one.topicId !== this.#topicId);
    if (unknown !== undefined) this.#topicId = (await this.#cluster.topicOf(this.#options.topic, true))?.id ?? this.#topicId;
    this.#options.onTarget(ours.filter((one) => one.topicId === this.#topicId).flatMap((one) => one.partitions));
  }

  #send(epoch: number, memberId = this.#memberId, instanceId: string | null = this.#options.instanceId ?? null) {
    const { groupId, topic, rebalanceTimeoutMs } = this.#options;
    const held = epoch > JOINING && this.#held.length > 0 ? [{ topicId: this.#topicId, partitions: [...this.#held] }] : [];
    return this.#ask("a heartbeat", (connection) =>
      consumerGroupHeartbeatV1.api.async(connection, groupId, memberId, epoch, instanceId, null, rebalanceTimeoutMs, [topic], null, null, held),
    );
  }

  /** @throws NoAnswerError when the coordinator is silent: nothing here waits longer than that */
  async #ask<T>(what: string, question: (connection: Connection) => Promise<T>): Promise<T> {
    this.#coordinator ??= await this.#cluster.coordinatorOf(this.#options.groupId);
    return this.#line.ask(this.#coordinator, what, question);
  }

  async #afterError(error: unknown): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (hasKafkaError(error, "UNRELEASED_INSTANCE_ID")) return this.#release();
    this.#options.onTrouble(`group ${this.#options.groupId}: a heartbeat failed: ${reasonOf(error)}`);
    // By an epoch only: the group still has our name, with all that it believes us to hold.
    if (hasKafkaError(error, ...FENCED)) await this.#startAnew(hasKafkaError(error, "FENCED_MEMBER_EPOCH"));
    else this.#coordinator = undefined;
  }

  /** Nothing is ours any more; the next heartbeat joins under a new name. */
  async #startAnew(isStillKnown: boolean): Promise<void> {
    const old = this.#memberId;
    this.#memberId = randomUUID();
    this.#epoch = JOINING;
    this.#held = [];
    this.#mustRejoin = false;
    this.#options.onFenced();
    // What fails here ends with the old name's session.
    if (isStillKnown) await this.#send(this.#leaving, old).catch(() => undefined);
  }

  get #leaving(): number {
    return this.#options.instanceId === undefined ? LEAVING : AWAY;
  }

  /**
   * Our name is still taken: by ourselves before a kill -9, so we say for the one that is gone that it is away, and the next
   * heartbeat gets its partitions. Once only: if the other one lives, the one that started last goes on, and this one waits.
   */
  async #release(): Promise<void> {
    const { groupId, instanceId, onTrouble } = this.#options;
    if (this.#hasJoined) {
      onTrouble(`group ${groupId}: another process has the instance id ${instanceId}; this one waits`);
      await pause(TAKEN_MS, this.#stop.signal);
      return;
    }
    try {
      const other = (await this.census()).members.find((member) => member.instanceId === instanceId);
      if (other !== undefined) await this.#send(AWAY, other.memberId);
    } catch (error) {
      onTrouble(`group ${groupId}: the instance id ${instanceId} could not be taken over yet: ${reasonOf(error)}`);
      this.#coordinator = undefined;
    }
  }

  /**
   * Commits until the coordinator has it, or the partition is lost.
   * @param signal - aborted when the partition is no longer ours: nothing is committed then
   */
  async commit(partition: number, nextOffset: number, signal: AbortSignal): Promise<CommitOutcome> {
    const { groupId, topic, instanceId, onTrouble } = this.#options;
    const offsets = [
      { name: topic, partitions: [{ partitionIndex: partition, committedOffset: BigInt(nextOffset), committedLeaderEpoch: -1, committedMetadata: null }] },
    ];
    while (!signal.aborted) {
      try {
        await this.#ask("a commit", (connection) => offsetCommitV9.api.async(connection, groupId, this.#epoch, this.#memberId, instanceId ?? null, offsets));
        return "committed";
      } catch (error) {
        if (signal.aborted) break;
        // A rebalance has moved the epoch on: the next heartbeat, at once, brings ours up to date.
        if (hasKafkaError(error, "STALE_MEMBER_EPOCH", ...FENCED)) this.#wake.abort();
        else {
          onTrouble(`group ${groupId}: the commit of ${topic}/${partition} at ${nextOffset} is repeated: ${reasonOf(error)}`);
          this.#coordinator = undefined;
        }
        await pause(RETRY_MS, signal);
      }
    }
    return "lost";
  }

  /** Leaves the group, so that its partitions need not wait for a time-out (a static member's do wait); the caller has given back all it held. */
  async leave(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
    const { groupId, onTrouble } = this.#options;
    if (this.#epoch > JOINING) {
      await this.#send(this.#leaving).catch((error: unknown) =>
        onTrouble(`group ${groupId}: leaving failed, the group waits for a time-out: ${reasonOf(error)}`),
      );
    }
    await this.#line.close();
  }
}
