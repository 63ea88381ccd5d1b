import { YunweiError } from "@yunwei/schemas";
import { identifier } from "../identifier.ts";
import type { Store } from "../store.ts";

/** What is on disk of one partition of a table. */
export interface StorePartition {
  readonly table: string;
  readonly partitionId: string;
  /** First day of the partition, YYYY-MM-DD (UTC); "" when it is not cut by time. */
  readonly day: string;
  /** Retention class of logs; "" of other tables. */
  readonly retention: string;
  readonly disk: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface StoreDisk {
  readonly name: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** A partition that was dropped before its time. */
export interface RetentionDrop {
  readonly atMs: number;
  readonly table: string;
  readonly retention: string;
  readonly day: string;
  readonly partitionId: string;
  readonly rows: number;
  readonly bytes: number;
  readonly freeBytes: number;
  readonly wantedBytes: number;
  readonly reason: string;
}

/** Partitions of our tables, the oldest first. Parts that were merged into others, and go by themselves, are not counted. */
export async function storePartitions(store: Store): Promise<StorePartition[]> {
  const rows = await store.query<Record<string, string>>(
    `SELECT table, partition_id, disk_name, toString(sum(rows)) AS row_sum, toString(sum(bytes_on_disk)) AS byte_sum,
       extract(partition, '\\\\d{4}-\\\\d{2}-\\\\d{2}') AS date_text, extract(partition, '^\\\\d{6}$') AS month_text, extract(partition, ',\\'(\\\\w+)\\'') AS ret
     FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table, partition, partition_id, disk_name ORDER BY date_text, table, partition_id LIMIT 100000`,
  );
  return rows.map((row) => {
    const month = row["month_text"]!;
    return {
      table: row["table"]!,
      partitionId: row["partition_id"]!,
      day: month === "" ? row["date_text"]! : `${month.slice(0, 4)}-${month.slice(4)}-01`,
      retention: row["ret"]!,
      disk: row["disk_name"]!,
      rows: Number(row["row_sum"]),
      bytes: Number(row["byte_sum"]),
    };
  });
}

/** Disks of the engine that a file system stands behind. */
export async function storeDisks(store: Store): Promise<StoreDisk[]> {
  const rows = await store.query<{ name: string; free: string; total: string }>(
    "SELECT name, toString(free_space) AS free, toString(total_space) AS total FROM system.disks WHERE total_space > 0 AND type = 'Local' ORDER BY name",
  );
  return rows.map(({ name, free, total }) => ({ name, freeBytes: Number(free), totalBytes: Number(total) }));
}

/** Drops a partition for good. @throws YunweiError YUNWEI_STORE_REFUSED, also for an id that cannot be one */
export async function dropPartition(store: Store, table: string, partitionId: string): Promise<void> {
  if (!/^[\w-]{1,200}$/.test(partitionId)) throw new YunweiError("YUNWEI_STORE_REFUSED", `${JSON.stringify(partitionId)} is no id of a partition`);
  await store.command(`ALTER TABLE ${identifier(table)} DROP PARTITION ID '${partitionId}'`);
}

/** Writes down what was dropped. */
export async function noteRetentionDrop(store: Store, drop: RetentionDrop): Promise<void> {
  const { atMs, table, retention, day, partitionId, rows, bytes, freeBytes, wantedBytes, reason } = drop;
  const numbers = { rows: String(rows), bytes: String(bytes), free_bytes: String(freeBytes), wanted_bytes: String(wantedBytes) };
  await store.insertRows("retention_drops", [{ at: (atMs / 1000).toFixed(3), table, class: retention, day, partition_id: partitionId, ...numbers, reason }]);
}

/** What was dropped before its time, the newest first. */
export async function retentionDrops(store: Store, limit: number): Promise<RetentionDrop[]> {
  const rows = await store.query<Record<string, string>>(
    `SELECT toString(toUnixTimestamp64Milli(at)) AS at_ms, table, class, toString(day) AS day_text, partition_id, toString(rows) AS row_sum, toString(bytes) AS byte_sum,
       toString(free_bytes) AS free, toString(wanted_bytes) AS wanted, reason FROM retention_drops ORDER BY at DESC LIMIT {limit:UInt32}`,
    { limit },
  );
  return rows.map((row) => ({
    atMs: Number(row["at_ms"]),
    table: row["table"]!,
    retention: row["class"]!,
    day: row["day_text"]!,
    partitionId: row["partition_id"]!,
    rows: Number(row["row_sum"]),
    bytes: Number(row["byte_sum"]),
    freeBytes: Number(row["free"]),
    wantedBytes: Number(row["wanted"]),
    reason: row["reason"]!,
  }));
}

/** Retention rules that came into force, the oldest first. */
export async function retentionRuleVersions(store: Store): Promise<{ readonly activeFromMs: number; readonly rules: string }[]> {
  const rows = await store.query<{ from_ms: string; rules: string }>(
    "SELECT * FROM (SELECT toString(toUnixTimestamp64Milli(active_from)) AS from_ms, rules FROM retention_rules ORDER BY active_from DESC LIMIT 100) ORDER BY toInt64(from_ms)",
  );
  return rows.map(({ from_ms, rules }) => ({ activeFromMs: Number(from_ms), rules }));
}

/** Notes rules that come into force. */
export async function noteRetentionRules(store: Store, activeFromMs: number, rules: string): Promise<void> {
  await store.insertRows("retention_rules", [{ active_from: (activeFromMs / 1000).toFixed(3), rules }]);
}

/** Storage policies of the engine with their volumes. */
export async function storagePolicyVolumes(store: Store): Promise<{ readonly policy: string; readonly volume: string }[]> {
  return store.query("SELECT policy_name AS policy, volume_name AS volume FROM system.storage_policies ORDER BY policy_name, volume_priority");
}

/** Our tables with the definitions of their engines. */
export async function tableEngines(store: Store): Promise<{ readonly table: string; readonly engine: string }[]> {
  return store.query("SELECT name AS table, engine_full AS engine FROM system.tables WHERE database = currentDatabase() ORDER BY name");
}
