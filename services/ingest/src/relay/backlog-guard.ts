import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC } from "@yunwei/schemas";

/**
 * What is relayed, dearest first. A topic is refused when the backlog of all has reached its share of the limit: spans and logs go
 * first, and metrics, by which detection lives, keep the rest. Of the free disk space that must stay, metrics may use half.
 */
export const RELAY_CLASSES = [
  { topic: OTLP_METRICS_TOPIC, backlogShare: 1, freeShare: 0.5 },
  { topic: OTLP_LOGS_TOPIC, backlogShare: 0.9, freeShare: 1 },
  { topic: OTLP_SPANS_TOPIC, backlogShare: 0.8, freeShare: 1 },
] as const;

/** A backlog below this is on its way, and not what fills a disk. */
const IDLE_BACKLOG_BYTES = 16 * 1024 * 1024;

export interface BacklogLimits {
  /** 0: none. */
  readonly maxBacklogBytes: number;
  /** 0: none. */
  readonly minFreeBytes: number;
  readonly whenFull: "refuse" | "give-up";
}

export interface BacklogSituation {
  /** Waiting bytes by topic. */
  readonly waitingBytes: ReadonlyMap<string, number>;
  /** Of the disk that holds the log; undefined when it cannot be asked. */
  readonly freeBytes: number | undefined;
}

export interface BacklogVerdict {
  /** Topics of which nothing more is taken in. */
  readonly refused: ReadonlySet<string>;
  /** Topic whose oldest messages are given up: the cheapest of those that have some. */
  readonly giveUp: string | undefined;
}

/** What happens at this backlog and this disk. Pure. */
export function judgeBacklog({ maxBacklogBytes, minFreeBytes, whenFull }: BacklogLimits, { waitingBytes, freeBytes }: BacklogSituation): BacklogVerdict {
  const total = [...waitingBytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const isShort = (share: number): boolean => freeBytes !== undefined && freeBytes < share * minFreeBytes && total >= IDLE_BACKLOG_BYTES;
  const isLong = (share: number): boolean => maxBacklogBytes > 0 && whenFull === "refuse" && total >= share * maxBacklogBytes;
  const refused = RELAY_CLASSES.filter(({ backlogShare, freeShare }) => isLong(backlogShare) || isShort(freeShare));
  const isOver = maxBacklogBytes > 0 && whenFull === "give-up" && total > maxBacklogBytes;
  const cheapest = RELAY_CLASSES.findLast(({ topic }) => (waitingBytes.get(topic) ?? 0) > 0);
  return { refused: new Set(refused.map(({ topic }) => topic)), giveUp: isOver ? cheapest?.topic : undefined };
}
