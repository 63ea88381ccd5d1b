import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openEmbeddedStore } from "./embedded-store.ts";
import { migrateStore } from "./migrate.ts";
import { storeContract } from "./store.contract.ts";

const folder = await mkdtemp(join(tmpdir(), "yunwei store "));
storeContract("EmbeddedStore", () => openEmbeddedStore({ folder: join(folder, "contract") }));

/** Rules of retention are few, and the last ones stay in force until others come. */
const KEPT_FOR_GOOD: ReadonlySet<string> = new Set(["retention_rules"]);

describe("migrations", () => {
  it("apply the product's schema once, and refuse a file that has changed since", async () => {
    const store = await openEmbeddedStore({ folder: join(folder, "migrations") });
    const schema = fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url));
    expect((await migrateStore(store, schema)).length).toBeGreaterThanOrEqual(5);
    expect(await migrateStore(store, schema)).toEqual([]);
    const changed = await mkdtemp(join(tmpdir(), "yunwei-migrations-"));
    await writeFile(join(changed, "0001_metrics.sql"), "SELECT 1;\n");
    await expect(migrateStore(store, changed)).rejects.toMatchObject({
      code: "YUNWEI_DATA_FOLDER_CORRUPT",
      message: expect.stringContaining("0001_metrics.sql"),
    });
    await store.close();
  });

  it("every table of the schema keeps what it acknowledges through a power cut, and drops retries where retries happen", async () => {
    const store = await openEmbeddedStore({ folder: join(folder, "settings") });
    await migrateStore(store, fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url)));
    const tables = await store.query<{ name: string; ddl: string }>(
      "SELECT name, create_table_query AS ddl FROM system.tables WHERE database = 'yunwei' AND engine LIKE '%MergeTree' AND name <> 'schema_migrations'",
    );
    expect(tables.length).toBeGreaterThan(12);
    for (const { name, ddl } of tables) {
      expect({ name, fsync: ddl.includes("fsync_after_insert = 1") && ddl.includes("fsync_part_directory = 1") }).toEqual({ name, fsync: true });
      expect({ name, window: /non_replicated_deduplication_window = [1-9]/.test(ddl) }).toEqual({ name, window: true });
      if (!KEPT_FOR_GOOD.has(name)) expect({ name, ttl: /TTL .+ \+ (INTERVAL|toInterval)/.test(ddl) }).toEqual({ name, ttl: true });
    }
    await store.close();
  });

  it("says what to do when the folder cannot be used", async () => {
    await writeFile(join(folder, "a-file"), "");
    await expect(openEmbeddedStore({ folder: join(folder, "a-file", "below") })).rejects.toMatchObject({
      code: "YUNWEI_ENGINE_FAILED",
      message: expect.stringContaining("a-file"),
    });
  });
});
