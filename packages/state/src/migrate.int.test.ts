import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedState, openEmbeddedState } from "./embedded-state.ts";
import { migrate } from "./migrate.ts";
import { openServerState } from "./server-state.ts";

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };

let base: string;
let state: EmbeddedState;
let folder: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "yunwei-migrate-"));
  state = await openEmbeddedState({ folder: join(base, "pg"), logger });
});
afterAll(async () => {
  await state.close();
  await rm(base, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(base, "sql-"));
  await state.query("DROP TABLE IF EXISTS schema_migration, a, b, c");
});
const put = (name: string, sql: string) => writeFile(join(folder, name), sql);

describe("migrate", () => {
  it("applies files by number, once", async () => {
    await put("0002_second.sql", "ALTER TABLE a ADD COLUMN y int; INSERT INTO a VALUES (1, 2);");
    await put("0001_first.sql", "CREATE TABLE a (x int);");
    expect(await migrate(state, folder)).toEqual(["0001_first.sql", "0002_second.sql"]);
    expect(await migrate(state, folder)).toEqual([]);
    expect(await state.query("SELECT x, y FROM a")).toEqual([{ x: 1, y: 2 }]);
  });

  it("applies a file of another room's range that came later", async () => {
    await put("0040_notify.sql", "CREATE TABLE a (x int)");
    await migrate(state, folder);
    await put("0020_alerting.sql", "CREATE TABLE b (x int)");
    expect(await migrate(state, folder)).toEqual(["0020_alerting.sql"]);
  });

  it("refuses a file that was changed, by name", async () => {
    await put("0001_first.sql", "CREATE TABLE a (x int)");
    await migrate(state, folder);
    await put("0001_first.sql", "CREATE TABLE a (x bigint)");
    await expect(migrate(state, folder)).rejects.toMatchObject({ code: "YUNWEI_DATA_FOLDER_CORRUPT", message: expect.stringContaining("0001_first.sql") });
  });

  it("refuses to run without a file that was applied, by name", async () => {
    await put("0001_first.sql", "CREATE TABLE a (x int)");
    await migrate(state, folder);
    await rm(join(folder, "0001_first.sql"));
    await expect(migrate(state, folder)).rejects.toMatchObject({ code: "YUNWEI_DATA_FOLDER_CORRUPT", message: expect.stringContaining("0001_first.sql") });
  });

  it("undoes a file that fails half-way, keeps those before it, and names it", async () => {
    await put("0001_first.sql", "CREATE TABLE a (x int)");
    await put("0002_second.sql", "CREATE TABLE b (x int); SELECT nonsense;");
    await expect(migrate(state, folder)).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED", message: expect.stringContaining("0002_second.sql") });
    expect(await state.query("SELECT to_regclass('a')::text AS a, to_regclass('b')::text AS b")).toEqual([{ a: "a", b: null }]);
  });

  it.each(["1_short.sql", "0001-Dash.sql"])("refuses the file name %s", async (name) => {
    await put(name, "SELECT 1");
    await expect(migrate(state, folder)).rejects.toMatchObject({ message: expect.stringContaining(name) });
  });

  it("refuses two files of one number", async () => {
    await put("0001_a.sql", "SELECT 1");
    await put("0001_b.sql", "SELECT 1");
    await expect(migrate(state, folder)).rejects.toMatchObject({ message: expect.stringContaining("0001") });
  });

  it("is safe when four starters come at once", async () => {
    const others = await openOthers();
    for (const [index, name] of ["a", "b", "c"].entries()) await put(`000${index + 1}_${name}.sql`, `CREATE TABLE ${name} (x int); SELECT pg_sleep(0.05);`);
    const results = await Promise.all([state, ...others].map((each) => migrate(each, folder)));
    await Promise.all(others.map((each) => each.close()));
    expect(results.flat().sort()).toEqual(["0001_a.sql", "0002_b.sql", "0003_c.sql"]);
  });

  it("makes its own table once, however the starters collide", async () => {
    const others = await openOthers();
    await put("0001_a.sql", "SELECT 1");
    for (let round = 0; round < 100; round++) {
      const results = await Promise.all([state, ...others].map((each) => migrate(each, folder)));
      expect(results.flat()).toEqual(["0001_a.sql"]);
      await state.query("DROP TABLE schema_migration");
    }
    await Promise.all(others.map((each) => each.close()));
  });
});

const openOthers = () => Promise.all([1, 2, 3].map(() => openServerState({ url: state.connectionString, logger })));
