import type { HandledBatches } from "./handled-batches.ts";
import type { KafkaQuestions, MemberOptions } from "./kafka-driver.ts";

/** Where a member begins to read a partition. */
export interface Beginning {
  readonly offset: number;
  /** Whether the group's commit is elsewhere, or there is none, and must be written down at once, so that a later member begins at the same place. */
  readonly mustCommit: boolean;
}

/** The group's commit, or behind a batch that we have handled already; a group without a commit begins where it was asked to. */
export async function beginningOf(kafka: KafkaQuestions, options: MemberOptions, partition: number, handled: HandledBatches): Promise<Beginning> {
  const { groupId, topic, from = "earliest", ends } = options;
  const committed = (await kafka.committedOf(groupId, topic, [partition])).get(partition);
  if (committed !== undefined) return behind(committed, false);
  // A partition that was added after the subscription has no old messages to leave out.
  const end = from === "latest" ? ends.get(partition) : undefined;
  const offset = end ?? (await kafka.offsetsOf(topic, [partition], "earliest")).get(partition) ?? 0;
  return behind(offset, from === "latest");

  function behind(begin: number, mustCommit: boolean): Beginning {
    const next = handled.after(partition, begin);
    return next === undefined ? { offset: begin, mustCommit } : { offset: next, mustCommit: true };
  }
}

/** Messages of the topic that the group has not committed. */
export async function lagOf(kafka: KafkaQuestions, options: Pick<MemberOptions, "groupId" | "topic" | "from" | "ends">): Promise<number> {
  const { groupId, topic, from = "earliest", ends } = options;
  const partitions = Array.from({ length: (await kafka.layoutOf(topic))?.partitions ?? 0 }, (_, partition) => partition);
  const [committed, first, last] = await Promise.all([
    kafka.committedOf(groupId, topic, partitions),
    kafka.offsetsOf(topic, partitions, "earliest"),
    kafka.offsetsOf(topic, partitions, "latest"),
  ]);
  return partitions.reduce((sum, partition) => {
    const begin = (from === "latest" ? ends.get(partition) : undefined) ?? first.get(partition) ?? 0;
    return sum + Math.max(0, (last.get(partition) ?? 0) - (committed.get(partition) ?? begin));
  }, 0);
}
