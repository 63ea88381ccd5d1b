import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/** Memory of some processes, bytes. `pss` counts what several share once. */
export interface MemoryUse {
  readonly rssBytes: number;
  readonly pssBytes: number;
  readonly processes: number;
}

/*
 * proc_pid_stat(5): `pid (comm) state ppid ... utime stime ...`; comm may hold spaces and parentheses, so fields are
 * counted from the last one: state is 3, ppid 4, utime 14, stime 15, both of all threads, in clock ticks; cutime 16 and cstime 17
 * are those of children that have ended and were waited for.
 */
interface Stat {
  readonly parent: number;
  readonly ticks: number;
  readonly endedTicks: number;
}

/** Reads one line of /proc/<pid>/stat. */
export function parseStat(line: string): Stat {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), endedTicks: Number(fields[13]) + Number(fields[14]) };
}

let knownTicks: number | undefined;

/** Clock ticks a second. */
function ticksPerSecond(): number {
  knownTicks ??= askTicks();
  return knownTicks;
}

function askTicks(): number {
  try {
    return Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })) || 100;
  } catch {
    return 100; // the value of every Linux there is
  }
}

/** CPU seconds (user and system, all threads) that processes have used so far; one that is gone counts 0. */
export async function cpuSeconds(...pids: readonly number[]): Promise<number> {
  const stats = await Promise.all(pids.map(readStat));
  return stats.reduce((sum, stat) => sum + (stat?.ticks ?? 0), 0) / ticksPerSecond();
}

/** CPU seconds of a process and all below it, those that have ended included. */
export async function treeCpuSeconds(root: number): Promise<number> {
  const stats = await Promise.all((await processTree(root)).map(readStat));
  return stats.reduce((sum, stat) => sum + (stat === undefined ? 0 : stat.ticks + stat.endedTicks), 0) / ticksPerSecond();
}

/** A process and all below it. */
export async function processTree(root: number): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const parents = new Map((await Promise.all(pids.map(async (pid) => [pid, (await readStat(pid))?.parent ?? 0] as const))).filter(([, parent]) => parent > 0));
  const tree = [root];
  for (let at = 0; at < tree.length; at++) for (const [pid, parent] of parents) if (parent === tree[at]) tree.push(pid);
  return tree;
}

/** Memory of processes now; those that are gone, or that we may not look at, count nothing. */
export async function memoryUse(pids: readonly number[]): Promise<MemoryUse> {
  const each = await Promise.all(pids.map(async (pid) => parseRollup(await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => ""))));
  const known = each.filter((one) => one !== undefined);
  return {
    rssBytes: known.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    pssBytes: known.reduce((sum, { pssBytes }) => sum + pssBytes, 0),
    processes: known.length,
  };
}

/** Reads /proc/<pid>/smaps_rollup; undefined when it has no sums. */
export function parseRollup(text: string): { rssBytes: number; pssBytes: number } | undefined {
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN);
  const [rss, pss] = [kilobytes("Rss"), kilobytes("Pss")];
  return Number.isNaN(rss) || Number.isNaN(pss) ? undefined : { rssBytes: rss * 1024, pssBytes: pss * 1024 };
}

async function readStat(pid: number): Promise<Stat | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return line === "" ? undefined : parseStat(line);
}
