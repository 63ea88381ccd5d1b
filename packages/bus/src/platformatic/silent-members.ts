/** A member as the coordinator describes it. */
export interface SeenMember {
  readonly memberId: string;
  readonly instanceId?: string;
  readonly memberEpoch: number;
  /** Of the topic of the group: what the member holds, or was given. What it is giving back is not in it. */
  readonly partitions: readonly number[];
}

export interface SeenGroup {
  /** Grows with every member that comes or goes; below `assignmentEpoch` only in a group that the broker has loaded wrongly. */
  readonly groupEpoch: number;
  /** The epoch that every member reaches with its next heartbeat, unless it has something to give back first. */
  readonly assignmentEpoch: number;
  readonly members: readonly SeenMember[];
}

/**
 * Members behind the group's epoch. While every partition is with some member nobody can be giving one back, so that who is
 * behind has sent no heartbeat since the group moved on ("certain"); otherwise it may be at work on a last batch.
 * @param partitions - of the topic
 */
export function membersBehind(group: SeenGroup, partitions: number): { readonly behind: readonly SeenMember[]; readonly isCertain: boolean } {
  const covered = new Set(group.members.flatMap((member) => member.partitions));
  return { behind: group.members.filter((member) => member.memberEpoch < group.assignmentEpoch), isCertain: covered.size >= partitions };
}

/** Since when members have been seen at the same epoch behind their group's. */
export class SilentMembers {
  #since = new Map<string, number>();

  /** Those that have been behind, at one epoch, for `patienceMs` or longer; forgets whoever has moved. */
  see(behind: readonly SeenMember[], nowMs: number, patienceMs: number): readonly SeenMember[] {
    const key = (member: SeenMember): string => `${member.memberId} ${member.memberEpoch}`;
    this.#since = new Map(behind.map((member) => [key(member), this.#since.get(key(member)) ?? nowMs]));
    return behind.filter((member) => nowMs - this.#since.get(key(member))! >= patienceMs);
  }
}
