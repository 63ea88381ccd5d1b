import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startClickHouse } from "@yunwei/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { migrateStore } from "./migrate.ts";
import { openServerStore } from "./server-store.ts";
import { storeContract } from "./store.contract.ts";

const server = await startClickHouse();
afterAll(() => server.stop());
const open = (more: { database?: string; patienceMs?: number; passwordFile?: string } = {}) => openServerStore({ url: server.url, ...more });

storeContract("ServerStore", () => open({ database: "contract" }));

describe("ServerStore", () => {
  it("creates its database, takes the product's schema, and passes lists as parameters", async () => {
    const store = await open();
    const schema = fileURLToPath(new URL("../../../schemas/clickhouse", import.meta.url));
    expect((await migrateStore(store, schema)).length).toBeGreaterThanOrEqual(5);
    expect(await migrateStore(store, schema)).toEqual([]);
    expect(await store.query("SELECT currentDatabase() AS name")).toEqual([{ name: "yunwei" }]);
    const words = ["a'b", "c\\d", "e\nf", "混合"];
    expect(await store.query("SELECT {words:Array(String)} AS words, {n:UInt64} AS n, {ids:Array(UInt64)} AS ids", { words, n: 7, ids: [1, 2] })).toEqual([
      { words, n: "7", ids: ["1", "2"] },
    ]);
    await store.close();
  });

  it("says that a killed server is unavailable, and goes on with the next one without being opened again", async () => {
    const store = await open({ database: "killed" });
    await store.command(
      "CREATE TABLE kept (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1",
    );
    await store.insertRows("kept", [{ n: 1 }], { token: "a" });
    server.kill();
    await expect(store.insertRows("kept", [{ n: 2 }], { token: "b" })).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE" });
    await expect(open({ patienceMs: 300 })).rejects.toMatchObject({ code: "YUNWEI_STORE_UNAVAILABLE" });
    await server.restart();
    for (let attempt = 0; attempt < 2; attempt++)
      for (const [n, token] of [
        [1, "a"],
        [2, "b"],
      ] as const)
        await store.insertRows("kept", [{ n }], { token });
    expect(await store.query("SELECT n FROM kept ORDER BY n")).toEqual([{ n: "1" }, { n: "2" }]);
    await store.close();
  });

  it("reads the password from a file, and names one that it cannot read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "yunwei password "));
    await writeFile(join(folder, "password"), "secret\n");
    const store = await open({ passwordFile: join(folder, "password") });
    expect(await store.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await store.close();
    await expect(open({ passwordFile: join(folder, "none") })).rejects.toMatchObject({
      code: "YUNWEI_CONFIG_INVALID",
      message: expect.stringContaining("none"),
    });
  });
});
