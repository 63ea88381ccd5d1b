import { fileURLToPath } from "node:url";
import type { Signal } from "@yunwei/schemas";
import { BenchChild } from "../../child/child-process.ts";
import { measureWork, type SpineWork } from "../../spine/spine-side.ts";

const MAIN = fileURLToPath(new URL("./engine-main.ts", import.meta.url));

export interface EngineJob {
  readonly signal: Signal;
  /** Of the store; made new. */
  readonly folder: string;
  /** Of payloads (payload-file.ts), compressed. */
  readonly file: string;
  /** How many requests each share has, in the order of the file. */
  readonly requests: readonly number[];
}

/** What a table takes on disk after its merges, indexes included. */
export interface TableBytes {
  readonly bytes: number;
  readonly rows: number;
}

/** The engine alone, in a process of its own: it is given the blocks that the writer would make, all ready in memory. */
export interface EngineSide {
  /** Makes the next share ready in batches of `batchItems` items and inserts them by the statements of the writer, into all its tables; only the inserts count. */
  insertNext(batchItems: number): Promise<SpineWork>;
  /** By table, after a final merge. */
  bytesPerRow(tables: readonly string[]): Promise<Record<string, TableBytes>>;
  close(): Promise<void>;
}

/** Opens the store and reads the payloads. */
export async function openEngineSide(job: EngineJob): Promise<EngineSide> {
  const child = new BenchChild(MAIN);
  try {
    await child.ask("open", job);
  } catch (error) {
    await child.close();
    throw error;
  }
  return {
    async insertNext(batchItems) {
      await child.ask("prepareNext", batchItems);
      return measureWork(child.pid, () => child.ask("insert"));
    },
    bytesPerRow: (tables) => child.ask("bytesPerRow", tables),
    close: () => child.close(),
  };
}
