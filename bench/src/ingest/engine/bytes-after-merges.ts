import type { Store } from "@yunwei/store";
import type { TableBytes } from "./engine-side.ts";

/** Merges each table to one part a partition, then reads what it takes on disk, indexes and marks included. */
export async function bytesAfterMerges(store: Store, tables: readonly string[]): Promise<Record<string, TableBytes>> {
  const all: Record<string, TableBytes> = {};
  for (const table of tables) {
    await store.command(`OPTIMIZE TABLE ${table} FINAL`);
    const [sum] = await store.query<{ bytes: string; rows: string }>(
      "SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts WHERE active AND database = currentDatabase() AND table = {table:String}",
      { table },
    );
    all[table] = { bytes: Number(sum!.bytes), rows: Number(sum!.rows) };
  }
  return all;
}
