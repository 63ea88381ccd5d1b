import { statfs } from "node:fs/promises";
import { YunweiError } from "@yunwei/schemas";
import { identifier } from "./identifier.ts";
import { brokenParts } from "./part-guard.ts";
import type { Store } from "./store.ts";

/** Far more than is written while an insert is looked at. */
const SHORT_BYTES = 1024 * 1024 * 1024;

export interface SoundInsertsOptions {
  readonly store: Store;
  /** On the disk of the engine. */
  readonly folder: string;
  /** Told of each part that was found broken. */
  readonly onTrouble: (message: string) => void;
  /** Parts are looked at while less than this is free; default 1 GiB. */
  readonly shortBytes?: number;
}

/**
 * Inserts that are what they were acknowledged for. ClickHouse 26.7 may acknowledge an insert during which the disk filled up though
 * the files of its part are empty or cut off; it notices at the next start, when nothing can bring the rows back (docs/adr/0011). So
 * where the disk is short behind an insert, parts that were just made are held against their files. A broken one is dropped, by which
 * the engine forgets its token too, and the insert fails: its repeat, with the same token, stores what is missing and no more.
 * Inserts into one table follow each other, so that a part that is broken behind an insert is that insert's.
 */
export class SoundInserts {
  readonly #options: SoundInsertsOptions;
  /** Tables with a broken part that could not be dropped yet. */
  readonly #suspects = new Set<string>();
  /** By table: the insert asked for last, settled either way. */
  readonly #tails = new Map<string, Promise<void>>();

  constructor(options: SoundInsertsOptions) {
    this.#options = options;
  }

  /** @throws YunweiError YUNWEI_STORE_UNAVAILABLE when the rows were not stored whole: repeat the insert; and what `insert` throws */
  run(table: string, insert: () => Promise<void>): Promise<void> {
    const result = (this.#tails.get(table) ?? Promise.resolve()).then(() => this.#insert(table, insert));
    this.#tails.set(
      table,
      result.catch(() => undefined),
    );
    return result;
  }

  async #insert(table: string, insert: () => Promise<void>): Promise<void> {
    if (this.#suspects.has(table)) await this.#dropBroken(table);
    await insert();
    if (!(await this.#isShort())) return;
    this.#suspects.add(table);
    if (await this.#dropBroken(table))
      throw new YunweiError("YUNWEI_STORE_UNAVAILABLE", `the disk is full: rows of ${table} were not stored whole and must be stored again; free disk space`);
  }

  async #isShort(): Promise<boolean> {
    const { folder, shortBytes = SHORT_BYTES } = this.#options;
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < shortBytes;
  }

  /** Whether there was one. */
  async #dropBroken(table: string): Promise<boolean> {
    const { store, onTrouble } = this.#options;
    const name = identifier(table);
    const broken = await brokenParts(store, `table = '${table}' AND level = 0`);
    for (const { part, bytesOnDisk, bytesBelieved } of broken) {
      await store.command(`ALTER TABLE ${name} DROP PART '${part}'`);
      onTrouble(
        `part ${part} of table ${table} had ${bytesOnDisk} bytes on disk where ${bytesBelieved} were written (the disk is full); its rows are stored again. Free disk space.`,
      );
    }
    this.#suspects.delete(table);
    return broken.length > 0;
  }
}
