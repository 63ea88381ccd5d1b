import type { KafkaQuestions, MemberOptions } from "../kafka/kafka-driver.ts";
import { reasonOf } from "../kafka/kafka-errors.ts";
import { pause } from "../kafka/pause.ts";
import { membersBehind, type SeenGroup, type SeenMember, SilentMembers } from "./silent-members.ts";

/** With the default interval of 5 s more than the default session of 45 s: who was silent for so long should have been put out. */
const PATIENCE_INTERVALS = 10;
const LEAST_PATIENCE_MS = 5_000;
const CHECKS = 4;
/** Joining anew costs a member that has partitions its work in hand. */
const HOLDER_PATIENCES = 3;
/** Of one check. */
const MOST_ADVANCES = 200;

export interface WatchedGroup {
  /** Partitions that run here. */
  held(): readonly number[];
  /** What the coordinator asks for between heartbeats. */
  intervalMs(): number;
  census(): Promise<SeenGroup>;
  expel(member: SeenMember): Promise<void>;
  /** Moves the group on by two epochs. */
  advance(): Promise<void>;
  /** Leaves and joins under a new name, which moves the group to another epoch. */
  rejoin(): void;
}

/**
 * Watches the partitions of a group that run elsewhere. A broker that starts may load the group while it gives up and takes back
 * the group's log (Apache Kafka 4.1.0: "Ignored load completion ... because context is in ACTIVE state"). It then sets no
 * session timers for the members that it has loaded: whoever died meanwhile keeps its partitions for ever. And it may serve the
 * group at an old epoch while it still reads on: no assignment is made again before the epoch has passed the one read. So where messages
 * wait and no commit comes for longer than a session, members that do not follow the group's epoch are put out by us; and when
 * all follow, this one joins anew, so that the epoch moves and shows who is silent.
 */
export class StandstillWatch {
  readonly #kafka: KafkaQuestions;
  readonly #options: MemberOptions;
  readonly #group: WatchedGroup;
  readonly #silent = new SilentMembers();
  /** Commit of each partition where messages wait, and since when it stands there. */
  #standing = new Map<number, { readonly commit: number | undefined; readonly sinceMs: number }>();
  #rejoinedMs = 0;

  constructor(kafka: KafkaQuestions, options: MemberOptions, group: WatchedGroup) {
    this.#kafka = kafka;
    this.#options = options;
    this.#group = group;
  }

  get #patienceMs(): number {
    return Math.max(LEAST_PATIENCE_MS, PATIENCE_INTERVALS * this.#group.intervalMs());
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#patienceMs / CHECKS, signal);
      if (signal.aborted) return;
      try {
        await this.#check(signal);
      } catch (error) {
        // Brokers that do not answer prove nothing about a member.
        this.#standing.clear();
        if (!signal.aborted) this.#options.onTrouble(`group ${this.#options.groupId}: how far the other members are is not known: ${reasonOf(error)}`);
      }
    }
  }

  async #check(signal: AbortSignal): Promise<void> {
    const partitions = (await this.#kafka.layoutOf(this.#options.topic))?.partitions ?? 0;
    if (this.#group.held().length >= partitions) {
      this.#standing.clear();
      return;
    }
    const nowMs = Date.now();
    await this.#look(partitions, nowMs);
    const held = new Set(this.#group.held());
    const standing = [...this.#standing].filter(([, { sinceMs }]) => nowMs - sinceMs >= this.#patienceMs).map(([partition]) => partition);
    // Where our own do not move either, it is what the handlers need that is away, not a member.
    if (standing.length === 0 || standing.some((partition) => held.has(partition)) || signal.aborted) return;
    const group = await this.#group.census();
    if (group.groupEpoch < group.assignmentEpoch) {
      this.#tell(`is at epoch ${group.groupEpoch} though its assignment is of ${group.assignmentEpoch}: it is moved on`);
      const advances = Math.ceil((group.assignmentEpoch - group.groupEpoch + 1) / 2);
      for (let i = 0; i < Math.min(advances, MOST_ADVANCES) && !signal.aborted; i++) await this.#group.advance();
      return;
    }
    const { behind, isCertain } = membersBehind(group, partitions);
    const patienceMs = isCertain ? this.#patienceMs : Math.max(this.#patienceMs, this.#options.rebalanceTimeoutMs);
    for (const member of this.#silent.see(behind, nowMs, patienceMs)) await this.#expel(member);
    const rejoinMs = (held.size === 0 ? 1 : HOLDER_PATIENCES) * this.#patienceMs;
    const stand = (partition: number): number => nowMs - (this.#standing.get(partition)?.sinceMs ?? nowMs);
    if (behind.length === 0 && standing.some((partition) => stand(partition) >= rejoinMs) && nowMs - this.#rejoinedMs >= 2 * rejoinMs) {
      this.#rejoinedMs = nowMs;
      this.#tell(`no commit of ${standing.join(", ")} for ${this.#patienceMs / 1_000} s though messages wait: this member joins anew`);
      this.#group.rejoin();
    }
  }

  async #look(partitions: number, nowMs: number): Promise<void> {
    const { groupId, topic } = this.#options;
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    const [commits, ends] = await Promise.all([this.#kafka.committedOf(groupId, topic, all), this.#kafka.offsetsOf(topic, all, "latest")]);
    const waiting = all.filter((partition) => (ends.get(partition) ?? 0) > (commits.get(partition) ?? 0));
    this.#standing = new Map(
      waiting.map((partition) => {
        const [commit, before] = [commits.get(partition), this.#standing.get(partition)];
        return [partition, before !== undefined && before.commit === commit ? before : { commit, sinceMs: nowMs }];
      }),
    );
  }

  async #expel(member: SeenMember): Promise<void> {
    this.#tell(
      `member ${member.memberId} holds ${member.partitions.join(", ") || "nothing"} and has been silent at epoch ${member.memberEpoch}: it is put out`,
    );
    // Another member may have been faster.
    await this.#group.expel(member).catch((error: unknown) => this.#tell(`${member.memberId} could not be put out: ${reasonOf(error)}`));
  }

  #tell(message: string): void {
    this.#options.onTrouble(`group ${this.#options.groupId}: ${message}`);
  }
}
