import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type SpawnedStandalone, spawnStandalone } from "@yunwei/testkit";
import type { Bench } from "../bench.ts";
import { type BenchRow, informative } from "../bench-row.ts";
import { folderSize } from "../process/folder-size.ts";
import { cpuSeconds, type MemoryUse, memoryUse, processTree } from "../process/process-usage.ts";

const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const SETTLE_MS = 60_000;
const WATCH_MS = 30_000;
const SHORT_MS = 3_000;
const VARIABLES = { YUNWEI_HOST_METRICS: "true" };

/** What was measured of a standalone that has only its own machine to look after. */
export interface RestFigures {
  readonly coldStartSeconds: number;
  readonly warmStartSeconds: number;
  /** The process itself, and with its PostgreSQL. */
  readonly own: MemoryUse;
  readonly all: MemoryUse;
  /** Of one core, 0..1 and more. */
  readonly idleCpuRatio: number;
  readonly installBytes: number;
  readonly dataBytes: number;
}

/** A standalone at rest: memory, CPU, disk and start times. */
export const restBench: Bench = {
  name: "rest",
  title: "a standalone at rest with its own machine's metrics: memory, CPU, disk, start",
  run: async ({ short, tell }) => {
    const dataFolder = await mkdtemp(join(tmpdir(), "yunwei-rest-"));
    try {
      tell("first start ...");
      const [cold, coldStartSeconds] = await timedStart(dataFolder);
      const watched = await watch(cold, short ? SHORT_MS : SETTLE_MS, short ? SHORT_MS : WATCH_MS).finally(() => cold.stop());
      const dataBytes = await folderSize(dataFolder);
      tell("second start ...");
      const [warm, warmStartSeconds] = await timedStart(dataFolder);
      await warm.stop();
      tell("sizes ...");
      return restRows({ ...watched, coldStartSeconds, warmStartSeconds, dataBytes, installBytes: await folderSize(NODE_MODULES) });
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
  },
};

async function timedStart(dataFolder: string): Promise<[SpawnedStandalone, number]> {
  const begun = performance.now();
  const standalone = await spawnStandalone({ dataFolder, variables: VARIABLES });
  return [standalone, (performance.now() - begun) / 1000];
}

async function watch({ pid }: SpawnedStandalone, settleMs: number, watchMs: number): Promise<Pick<RestFigures, "own" | "all" | "idleCpuRatio">> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const tree = await processTree(pid);
  const [own, all] = [await memoryUse([pid]), await memoryUse(tree)];
  const [before, begun] = [await cpuSeconds(...tree), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, watchMs));
  const idleCpuRatio = ((await cpuSeconds(...tree)) - before) / ((performance.now() - begun) / 1000);
  return { own, all, idleCpuRatio };
}

/** Rows of the figures. */
export function restRows({ own, all, idleCpuRatio, coldStartSeconds, warmStartSeconds, installBytes, dataBytes }: RestFigures): BenchRow[] {
  const mebibytes = (bytes: number): number => bytes / 2 ** 20;
  return [
    informative("process.rss", mebibytes(own.rssBytes), "MiBy"),
    informative("process.pss", mebibytes(own.pssBytes), "MiBy"),
    informative("with_postgres.rss", mebibytes(all.rssBytes), "MiBy"),
    informative("with_postgres.pss", mebibytes(all.pssBytes), "MiBy"),
    informative("with_postgres.processes", all.processes, "{process}"),
    informative("idle_cpu", idleCpuRatio * 100, "% of a core"),
    informative("start.first", coldStartSeconds, "s"),
    informative("start.again", warmStartSeconds, "s"),
    informative("install", mebibytes(installBytes), "MiBy"),
    informative("data_folder", mebibytes(dataBytes), "MiBy"),
  ];
}
