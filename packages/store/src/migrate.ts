import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import { keepSources } from "./part-guard.ts";
import type { Store } from "./store.ts";

/** Engines of the templates for one node; a cluster puts its Replicated ones in their place. */
const SINGLE_NODE = /\{((?:Replacing|Aggregating)?MergeTree)(\([^)]*\))?\}/g;

/**
 * Brings the schema up to date: files `NNNN_name.sql` of `folder` in order, each once, recorded with a checksum. Each
 * statement is made repeatable (IF NOT EXISTS), so a crash half-way is mended by the next start.
 * @throws YunweiError YUNWEI_DATA_FOLDER_CORRUPT when a file that was applied has changed since
 */
export async function migrateStore(store: Store, folder: string): Promise<string[]> {
  await store.command(
    "CREATE TABLE IF NOT EXISTS schema_migrations (name String, checksum String, at DateTime('UTC')) ENGINE = ReplacingMergeTree ORDER BY name SETTINGS fsync_after_insert = 1",
  );
  const rows = await store.query<{ name: string; checksum: string }>("SELECT name, any(checksum) AS checksum FROM schema_migrations GROUP BY name");
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const done: string[] = [];
  for (const name of (await readdir(folder)).filter((file) => /^\d{4}_.+\.sql$/.test(file)).sort()) {
    const text = await readFile(join(folder, name), "utf8");
    const checksum = createHash("sha256").update(text).digest("hex");
    const before = applied.get(name);
    if (before === checksum) continue;
    if (before !== undefined) {
      throw new YunweiError(
        "YUNWEI_DATA_FOLDER_CORRUPT",
        `migration ${name} was applied to this data folder in another form: put the old file back and write a new migration instead`,
      );
    }
    for (const statement of statementsOf(text)) await store.command(statement);
    await store.insertRows("schema_migrations", [{ name, checksum, at: Math.floor(Date.now() / 1000) }]);
    done.push(name);
  }
  await keepSources(store);
  return done;
}

/** Statements of a migration for a single node, comments removed. */
export function statementsOf(text: string): string[] {
  return text
    .replace(/^\s*--.*$/gm, "")
    .replace(SINGLE_NODE, (_, engine: string, argument: string | undefined) => `${engine}${argument ?? ""}`)
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "")
    .map((statement) => statement.replace(/^CREATE (TABLE|MATERIALIZED VIEW) (?!IF)/, "CREATE $1 IF NOT EXISTS "));
}
