import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { identifier } from "./identifier.ts";
import type { Store } from "./store.ts";

/** How often merged parts are looked at. Much shorter than the engine keeps the parts that a merge has put together (KEEP_SOURCES_S). */
const EVERY_MS = 20_000;
/** Merges that ended this long ago are looked at; some rounds, so that a slow one misses nothing. */
const LOOK_BACK_S = 120;
/** Seconds that the parts a merge has put together stay on disk behind it; this build of the engine says 0 by itself. */
const KEEP_SOURCES_S = 1_800;

/** A part whose files hold less than the engine believes. */
export interface BrokenPart {
  readonly table: string;
  readonly part: string;
  readonly bytesOnDisk: number;
  readonly bytesBelieved: number;
}

export interface PartGuardOptions {
  readonly store: Store;
  /** Told of each broken part, after its table was read anew, and of rounds that failed. */
  readonly onTrouble: (message: string) => void;
}

/**
 * ClickHouse 26.7 loses data when the disk fills up during a merge: it commits the merged part with empty files, goes on with
 * what it has in memory, and finds the part broken at the next start, when the parts it was made of are gone (measured: see
 * docs/adr/0011). So those are kept for half an hour, and merged parts are held against their files: where these are too
 * short, the table is detached and attached again, and the engine takes the sources back. Parts of inserts: SoundInserts.
 */
export class PartGuard {
  readonly #options: PartGuardOptions;
  readonly #timer: NodeJS.Timeout;
  constructor(options: PartGuardOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.look().catch((error: unknown) => options.onTrouble(`merged parts cannot be looked at: ${error instanceof Error ? error.message : String(error)}`));
    }, EVERY_MS);
    this.#timer.unref();
  }

  /** One round; the broken parts found, their tables already read anew. */
  async look(): Promise<BrokenPart[]> {
    const { store, onTrouble } = this.#options;
    const broken = await brokenParts(store, `level > 0 AND modification_time > now() - ${LOOK_BACK_S}`);
    for (const table of new Set(broken.map((part) => part.table))) {
      await store.command(`DETACH TABLE ${identifier(table)} SYNC`);
      await store.command(`ATTACH TABLE ${identifier(table)}`);
    }
    for (const { table, part, bytesOnDisk, bytesBelieved } of broken) {
      onTrouble(
        `part ${part} of table ${table} has ${bytesOnDisk} bytes on disk where ${bytesBelieved} were written (the disk was full during a merge); the table was read anew from the parts it was made of. Free disk space.`,
      );
    }
    return broken;
  }

  /** Begins no further round. */
  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Active parts whose files are shorter than the engine believes. @param which - a condition on system.parts, of our own making */
export async function brokenParts(store: Store, which: string): Promise<BrokenPart[]> {
  const parts = await store.query<{ table: string; name: string; path: string; bytes: string }>(
    `SELECT table, name, path, toString(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase() AND ${which}`,
  );
  const broken: BrokenPart[] = [];
  for (const { table, name, path, bytes } of parts) {
    const bytesOnDisk = await bytesIn(path);
    if (bytesOnDisk !== undefined && bytesOnDisk < Number(bytes)) broken.push({ table, part: name, bytesOnDisk, bytesBelieved: Number(bytes) });
  }
  return broken;
}

/** Undefined when the part is gone by now: merged on. */
async function bytesIn(folder: string): Promise<number | undefined> {
  try {
    let sum = 0;
    for (const entry of await readdir(folder, { withFileTypes: true }))
      sum += entry.isDirectory() ? ((await bytesIn(join(folder, entry.name))) ?? 0) : (await stat(join(folder, entry.name))).size;
    return sum;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Has every table keep the parts that its merges put together for a while. Idempotent. */
export async function keepSources(store: Store): Promise<void> {
  const tables = await store.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND create_table_query NOT LIKE '%old_parts_lifetime%'",
  );
  for (const { name } of tables) await store.command(`ALTER TABLE ${identifier(name)} MODIFY SETTING old_parts_lifetime = ${KEEP_SOURCES_S}`);
}
