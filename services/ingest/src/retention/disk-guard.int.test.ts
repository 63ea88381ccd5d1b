import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger } from "@yunwei/service-kit";
import { migrateStore, openEmbeddedStore, retentionDrops, type Store, tableEngines } from "@yunwei/store";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { DiskGuard } from "./disk-guard.ts";
import { printOverview, runTiers } from "./retention-command.ts";
import { COLD_AFTER_DAYS, tierPlan } from "./tier-plan.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 4);
const schema = fileURLToPath(new URL("../../../../schemas/clickhouse", import.meta.url));
const limits = { minFreePercent: 10, minFreeBytes: 5e9 };
const logger = createLogger("test", "silent");

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "yunwei-guard-"));
  store = await openEmbeddedStore({ folder });
  await migrateStore(store, schema);
  await store.command("SYSTEM STOP TTL MERGES");
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => store.command("TRUNCATE TABLE retention_drops"));

const logRows = (ret: string, day: string, rows = 10): string =>
  `INSERT INTO logs (ret, ts, received_at, body) SELECT '${ret}', toDateTime64('${day} 01:00:00', 3, 'UTC'), now(), randomPrintableASCII(100) FROM numbers(${rows})`;

/** A guard whose disk has so many percent free, look by look. */
function guardOf(freePercent: number[], nowMs = () => NOW_MS): DiskGuard {
  let reads = 0;
  const disks = async () => [{ name: "default", totalBytes: 1000, freeBytes: 10 * freePercent[Math.min(reads++, freePercent.length - 1)]! }];
  return new DiskGuard({ store, logger, nowMs, limits, disks });
}
const left = async (): Promise<string[]> => {
  const rows = await store.query<{ name: string }>(
    "SELECT concat(table, ' ', partition) AS name FROM system.parts WHERE active AND database = currentDatabase() AND table IN ('logs', 'spans', 'trace_index', 'metric_points', 'metric_1h', 'metric_5m') GROUP BY name ORDER BY name",
  );
  return rows.map(({ name }) => name.replaceAll(/['()]/g, ""));
};

it("drops the oldest day of the least class, one at a time, until there is a fifth more room than the limit; never today's, MLPS logs or roll-ups", async () => {
  for (const [ret, day] of [
    ["short", "2026-11-24"],
    ["short", "2026-11-25"],
    ["short", "2026-11-26"],
    ["std", "2026-11-24"],
    ["mlps", "2026-06-01"],
  ] as const)
    await store.command(logRows(ret, day));
  for (const day of ["2026-11-23", "2026-11-25", "2026-11-26"]) {
    await store.command(`INSERT INTO spans (ts, trace_id, span_id, parent_id) VALUES ('${day} 01:00:00', 'a', 'b', 'c')`);
    await store.command(`INSERT INTO metric_points (metric, ts, value) VALUES ('m', '${day} 01:00:00', 1)`);
  }
  await store.command("INSERT INTO metric_1h (metric, t, n) VALUES ('m', '2024-01-01 00:00:00', 1)");
  const before = await left();

  const idle = guardOf([10]);
  expect(await idle.look()).toEqual([]);
  await idle.close();
  expect(await left()).toEqual(before);

  let ticks = 0;
  const guard = guardOf([9, 9, 11.9, 12], () => NOW_MS + ticks++);
  const dropped = await guard.look();
  expect(dropped.map(({ partition: { table, retention, day } }) => [table, retention, day].join(" "))).toEqual([
    "logs short 2026-11-24",
    "logs short 2026-11-25",
    "spans  2026-11-23",
  ]);
  expect((await retentionDrops(store, 9)).map(({ table, day, rows, freeBytes, wantedBytes }) => [table, day, rows, freeBytes, wantedBytes])).toEqual([
    ["spans", "2026-11-23", 1, 119, 120],
    ["logs", "2026-11-25", 10, 90, 120],
    ["logs", "2026-11-24", 10, 90, 120],
  ]);
  await guard.close();

  const full = guardOf([1], () => NOW_MS + 60_000);
  const rest = await full.look();
  expect(rest.map(({ partition: { table, day } }) => `${table} ${day}`)).toEqual([
    "spans 2026-11-25",
    "logs 2026-11-24",
    "metric_points 2026-11-23",
    "metric_points 2026-11-25",
  ]);
  expect(await left()).toEqual(["logs 2026-06-01,mlps", "logs 2026-11-26,short", "metric_1h 202401", "metric_points 2026-11-26", "spans 2026-11-26"]);
  const { tables, next, disks, dropped: told } = await full.overview();
  expect(next).toEqual([]);
  expect(told).toHaveLength(7);
  expect(disks).toEqual([{ name: "default", totalBytes: 1000, freeBytes: 10, beginBytes: 100, endBytes: 120, dropping: true }]);
  expect(
    tables
      .filter(({ table }) => table === "logs")
      .map(({ retention, oldestDay }) => `${retention} ${oldestDay}`)
      .sort(),
  ).toEqual(["mlps 2026-06-01", "short 2026-11-26"]);
  await full.close();
});

it("leaves the next one to another process that has just dropped something", async () => {
  await store.command(logRows("short", "2026-11-20"));
  await store.command(logRows("short", "2026-11-21"));
  const one = guardOf([5, 13]);
  expect(await one.look()).toHaveLength(1);
  const other = guardOf([5]);
  expect(await other.look()).toEqual([]);
  await one.close();
  await other.close();
});

it("prints statements for the tiers of a server that ClickHouse understands, for every table that is to have them; the embedded engine has none", async () => {
  const told: string[] = [];
  expect(await runTiers(store, true, (line) => told.push(line))).toBe(false);
  expect(told.join()).toMatch(/no storage policy "tiered"/);
  const tables = await tableEngines(store);
  expect(tierPlan([{ policy: "tiered", volume: "hot" }], tables)).toMatchObject({ kind: "impossible", reason: expect.stringContaining('no volume "cold"') });
  const plan = tierPlan(
    ["hot", "cold"].map((volume) => ({ policy: "tiered", volume })),
    tables,
  );
  const statements = plan.kind === "statements" ? plan.statements : [];
  expect(statements).toHaveLength(2 * Object.keys(COLD_AFTER_DAYS).length);
  expect(statements).toContain(
    "ALTER TABLE logs MODIFY TTL toDate(ts) + toIntervalDay(multiIf(ret = 'short', 7, ret = 'std', 30, 190)), toDate(ts) + toIntervalDay(7) TO VOLUME 'cold'",
  );
  for (const statement of statements) await store.query("SELECT formatQuery({statement:String})", { statement });
  const after = tables.map(({ table, engine }) => ({
    table,
    engine: `${engine.replace(" SETTINGS ", ", toDate(ts) + toIntervalDay(3) TO VOLUME 'cold' SETTINGS ")}, storage_policy = 'tiered'`,
  }));
  expect(tierPlan([{ policy: "tiered", volume: "cold" }], after)).toEqual({ kind: "statements", statements: [] });
});

it("prints what is stored", async () => {
  const guard = guardOf([50]);
  const lines: string[] = [];
  printOverview(await guard.overview(), (line) => lines.push(line));
  expect(lines.join("\n")).toMatch(
    /disk default: .* free; data is dropped below[\s\S]*logs mlps[\s\S]*since 2026-06-01[\s\S]*would go first:\n {2}2026-11-2\d logs short/,
  );
});
