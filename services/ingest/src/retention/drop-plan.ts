import type { StorePartition } from "@yunwei/store";

/** What may be dropped when the disk fills up, in this order; the oldest day of each first. Never today's, and what is not named here never. */
interface DropStep {
  readonly name: string;
  readonly tables: readonly string[];
  /** Retention class of logs; undefined = the tables have none. */
  readonly retention?: string;
  /** Days back that are kept: 1 = today only. */
  readonly keepDays: number;
}

const RAW_POINTS = ["metric_points", "metric_hist", "metric_exphist", "metric_summary", "exemplars"];
export const DROP_STEPS: readonly DropStep[] = [
  { name: "logs of class short", tables: ["logs"], retention: "short", keepDays: 1 },
  { name: "spans", tables: ["spans", "trace_index"], keepDays: 1 },
  { name: "logs of class std", tables: ["logs"], retention: "std", keepDays: 1 },
  { name: "points older than 3 days", tables: RAW_POINTS, keepDays: 4 },
  { name: "points older than today", tables: RAW_POINTS, keepDays: 1 },
];
const DAY_MS = 86_400_000;

/** A partition that may go, and the name of the step that says so. */
export interface DropCandidate {
  readonly partition: StorePartition;
  readonly step: string;
}

/** Partitions that may be dropped, in the order in which they would be. @param nowMs - tells today's day, UTC as partitions are */
export function dropCandidates(partitions: readonly StorePartition[], nowMs: number): DropCandidate[] {
  return DROP_STEPS.flatMap(({ name, tables, retention = "", keepDays }) => {
    const before = new Date(nowMs - (keepDays - 1) * DAY_MS).toISOString().slice(0, 10);
    const found = partitions.filter((one) => tables.includes(one.table) && one.retention === retention && one.day !== "" && one.day < before);
    // Some partitions are of two steps: the first one counts, the caller drops each once.
    return found
      .sort((one, other) => (one.day === other.day ? other.bytes - one.bytes : one.day < other.day ? -1 : 1))
      .map((partition) => ({ partition, step: name }));
  }).filter(({ partition }, at, all) => all.findIndex((one) => one.partition === partition) === at);
}

export interface FreeLimits {
  /** Percent of the disk that is to stay free. */
  readonly minFreePercent: number;
  readonly minFreeBytes: number;
}

/** Begins to drop below `beginBytes` free, and goes on to `endBytes`. The smaller of the two limits counts: ten percent of a large disk is a lot. */
export function freeMarks(totalBytes: number, { minFreePercent, minFreeBytes }: FreeLimits): { readonly beginBytes: number; readonly endBytes: number } {
  const beginBytes = Math.min((totalBytes * minFreePercent) / 100, minFreeBytes);
  return { beginBytes, endBytes: Math.min(1.2 * beginBytes, totalBytes) };
}
