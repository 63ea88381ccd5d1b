import { execFileSync, spawnSync } from "node:child_process";
import { type FileHandle, mkdtemp, open, rm, statfs, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const FILLER = "filler";
const CHUNK_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 4096;
const FILL_LIMIT_MS = 10_000;
const PAUSE_MS = 5;

/** A file system of its own in memory, small enough to be filled. */
export interface SmallDisk {
  readonly folder: string;
  /**
   * Leaves no byte free, also where somebody frees some meanwhile.
   * @throws Error when others free some for ten seconds on end
   */
  fill(): Promise<void>;
  /** Frees what `fill` took. */
  free(): Promise<void>;
  /** Unmounts it; what was on it is gone. */
  remove(): Promise<void>;
}

/** @returns undefined where we may not mount one */
export async function mountSmallDisk(sizeBytes: number): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "yunwei-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const filler = join(folder, FILLER);
  const unmount = (): void => {
    // Lazily: a killed process may not have let go of its files yet.
    spawnSync("umount", ["-l", folder], { stdio: "ignore" });
  };
  process.once("exit", unmount);
  return {
    folder,
    fill: () => fill(filler),
    free: () => unlink(filler).catch(() => undefined),
    remove: async () => {
      process.off("exit", unmount);
      unmount();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function fill(path: string): Promise<void> {
  const file = await open(path, "a");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  try {
    for (const deadlineMs = Date.now() + FILL_LIMIT_MS; ; await sleep(PAUSE_MS)) {
      await fillOnce(file, chunk);
      const { bavail } = await statfs(path);
      if (bavail === 0) return;
      if (Date.now() > deadlineMs) throw new Error(`${path} left ${bavail} blocks free`);
    }
  } finally {
    await file.close();
  }
}

async function fillOnce(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let size = chunk.length; size >= PAGE_BYTES; ) {
    try {
      const { bytesWritten } = await file.write(chunk, 0, size);
      if (bytesWritten < size) size = Math.floor(size / 2);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      size = Math.floor(size / 2);
    }
  }
}
