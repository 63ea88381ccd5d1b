import { readFileSync } from "node:fs";
import { open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { YunweiError } from "@yunwei/schemas";

const FILE = "owner.pid";

/**
 * Claims a data folder for this process, so that a second start is refused and not confused with a crash.
 * A claim of a process that no longer lives is taken over.
 * @returns gives the folder back; idempotent
 * @throws YunweiError YUNWEI_DATA_FOLDER_BUSY while another living process (or this one) holds it
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, FILE);
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await createExclusively(path, mine)) return async () => removeIfMine(path, mine);
    const holder = parse(await readFile(path, "utf8").catch(() => ""));
    if (holder !== undefined && lives(holder)) {
      throw new YunweiError(
        "YUNWEI_DATA_FOLDER_BUSY",
        `The data folder ${folder} is in use by process ${holder.pid}. Stop it first, or choose another folder.`,
      );
    }
    await unlink(path).catch(() => undefined);
  }
  throw new YunweiError("YUNWEI_DATA_FOLDER_BUSY", `Another process is starting on the data folder ${folder} right now.`);
}

interface Holder {
  readonly pid: number;
  readonly started: string;
}

async function createExclusively(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new YunweiError("YUNWEI_ENGINE_FAILED", `Cannot write ${path}: check who owns the data folder and whether the disk is full.`, { cause });
  }
}

async function removeIfMine(path: string, mine: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => "")) === mine) await unlink(path).catch(() => undefined);
}

function parse(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    return Number.isInteger(value.pid) && typeof value.started === "string" ? { pid: value.pid!, started: value.started } : undefined;
  } catch {
    return undefined; // a torn write of a killed process
  }
}

function lives(holder: Holder): boolean {
  // The start time tells a living holder from a stranger that got the same number after a reboot.
  return isAlive(holder.pid) && startOf(holder.pid) === holder.started;
}

/** Whether a process of that number runs, ours or not. One that has ended and was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // Where process 1 collects no orphans (many containers), a killed process stays as a zombie for ever.
  return statOf(pid)[0] !== "Z";
}

/** Start time of a process in clock ticks since boot (field 22 of /proc/pid/stat); "" where there is no /proc. */
function startOf(pid: number): string {
  return statOf(pid)[19] ?? "";
}

/** Fields of /proc/pid/stat from the third one (state) on; empty where there is no /proc. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
