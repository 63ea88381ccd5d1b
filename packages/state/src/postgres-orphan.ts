import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { readFile, realpath, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { YunweiError } from "@yunwei/schemas";
import { isAlive } from "./folder-owner.ts";
import type { StateLogger } from "./state-logger.ts";

/** Every run folder begins so; only such folders are ever removed. */
export const RUN_FOLDER_PREFIX = "yunwei-pg-";

/** How long an orphan gets for an orderly stop (SIGINT), without a checkpoint (SIGQUIT), and to vanish (SIGKILL). */
const STOPS = [
  ["SIGINT", 20_000],
  ["SIGQUIT", 10_000],
  ["SIGKILL", 5_000],
] as const;

/**
 * Stops a PostgreSQL that a killed parent of ours left behind on `dataFolder`, and removes its run folder.
 * Call it only while holding the claim on the folder: then whoever runs there has no parent any more.
 * @throws YunweiError YUNWEI_DATA_FOLDER_BUSY when it does not go
 */
export async function stopOrphan(dataFolder: string, logger: StateLogger): Promise<void> {
  const lockFile = join(dataFolder, "postmaster.pid");
  const text = await readFile(lockFile, "utf8").catch(() => undefined);
  if (text !== undefined) {
    // The first line is the process id (PostgreSQL: miscadmin.h).
    await endAll(await realpath(dataFolder), Number(text.split("\n")[0]), logger);
    // PostgreSQL deals with a stale lock file itself, but takes a number that answers (a zombie, a stranger) for a
    // living server. Nobody works in the folder any more: that was seen above.
    await rm(lockFile, { force: true });
  }
  const runFolder = await readFile(runFolderNote(dataFolder), "utf8").catch(() => "");
  if (basename(runFolder).startsWith(RUN_FOLDER_PREFIX)) await rm(runFolder, { recursive: true, force: true });
}

/** The file that remembers the run folder, so that the next start can remove what a kill left. */
export function runFolderNote(dataFolder: string): string {
  return join(dirname(dataFolder), "run-folder");
}

async function endAll(dataFolder: string, postmaster: number, logger: StateLogger): Promise<void> {
  let living = processesIn(dataFolder, postmaster);
  if (living.length === 0) return;
  logger.warn({ pids: living }, "stopping a PostgreSQL that outlived its parent");
  for (const [signal, patienceMs] of STOPS) {
    // The postmaster ends its children; without one they notice and end by themselves.
    for (const pid of living.includes(postmaster) && signal !== "SIGKILL" ? [postmaster] : living) send(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 50) {
      living = processesIn(dataFolder, postmaster);
      if (living.length === 0) return;
      await sleep(50);
    }
  }
  throw new YunweiError(
    "YUNWEI_DATA_FOLDER_BUSY",
    `A PostgreSQL of an earlier run (processes ${living.join(", ")}) still works in ${dataFolder} and does not stop: end it by hand.`,
  );
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile
  }
}

/**
 * Living processes that work in the folder. Every process of a server has it as its working folder; a stranger that got
 * an old number has not. Without /proc the command line of the postmaster must do.
 */
function processesIn(dataFolder: string, postmaster: number): number[] {
  if (process.platform === "linux") {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => workingFolderOf(pid) === dataFolder && isAlive(pid));
  }
  if (!Number.isInteger(postmaster) || postmaster < 2 || !isAlive(postmaster)) return [];
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(postmaster)], { encoding: "utf8" }).includes(dataFolder) ? [postmaster] : [];
  } catch {
    return [];
  }
}

function workingFolderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
