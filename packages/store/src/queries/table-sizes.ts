import type { Store } from "../store.ts";

/** What a table holds on disk. */
export interface TableSizeRow {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Tables of the store by size, largest first; empty tables are left out. */
export async function tableSizes(store: Store): Promise<TableSizeRow[]> {
  const rows = await store.query<{ table: string; rows: string; bytes: string }>(
    `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()
     GROUP BY table ORDER BY sum(bytes_on_disk) DESC LIMIT 200 SETTINGS max_execution_time = 10`,
  );
  return rows.map((row) => ({ table: row.table, rows: Number(row.rows), bytes: Number(row.bytes) }));
}
