import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generatedFiles } from "./generated-files.ts";
import { type DashboardJson, queriesOf, type TargetJson } from "./lint/dashboard-json.ts";
import { AGES_S, ALERTS, AWKWARD, DAY_MS, edges, FROM_MS, requests, seed, TO_MS } from "./seeded-outage.test-data.ts";
import { expandQuery, type QueryContext } from "./sql/expand-query.ts";

const MIGRATIONS = join(import.meta.dirname, "..", "..", "schemas", "clickhouse");
const dashboards = new Map(
  [...generatedFiles()].filter(([path]) => path.endsWith(".json")).map(([path, text]) => [path.replace(".json", ""), JSON.parse(text) as DashboardJson]),
);
const ALL: QueryContext = { fromMs: FROM_MS, toMs: TO_MS, intervalMs: 60_000, variables: { site: "all", department: "all", service: "all" } };
const choose = (variables: QueryContext["variables"], more: Partial<QueryContext> = {}): QueryContext => ({
  ...ALL,
  ...more,
  variables: { ...ALL.variables, ...variables },
});

let store: Store;
/** Tables that are read by the day, and how many rows the day of the seeded hour has. */
const LARGE = new Map<string, number>();
beforeAll(async () => {
  store = await openEmbeddedStore({ folder: await mkdtemp(join(tmpdir(), "yunwei-dashboards-")) });
  await migrateStore(store, MIGRATIONS);
  await store.command("SYSTEM STOP TTL MERGES"); // the hour below is fixed, the engine's clock goes on
  await seed(store);
  for (const table of ["spans", "logs", "metric_points"]) {
    const rows = await store.query<{ today: string; all: string }>(`SELECT countIf(toDate(ts) = '2026-11-26') AS today, count() AS all FROM ${table}`);
    LARGE.set(table, Number(rows[0]!.today));
    expect(Number(rows[0]!.all)).toBeGreaterThan(Number(rows[0]!.today));
  }
});
afterAll(() => store.close());

type Row = Record<string, unknown>;
const run = (sql: string, context: QueryContext): Promise<Row[]> => store.query<Row>(expandQuery(sql, context));
const target = (uid: string, panel: number, refId = "A"): TargetJson =>
  dashboards
    .get(uid)!
    .panels.find(({ id }) => id === panel)!
    .targets!.find((one) => one.refId === refId)!;
const ask = (uid: string, panel: number, context = ALL, refId = "A"): Promise<Row[]> => run(target(uid, panel, refId).rawSql, context);
const wall = (panel: number, context = ALL): Promise<Row[]> => ask("aiops-wall", panel, context);
const service = (panel: number, context = ALL, refId = "A"): Promise<Row[]> => ask("aiops-service", panel, context, refId);
const millis = (row: Row): number => Date.parse(`${String(row["time"]).replace(" ", "T")}Z`);

describe("every query of every dashboard runs on the real engine", () => {
  const CHOICES: readonly (readonly [string, QueryContext])[] = [
    ["All", ALL],
    ["one value", choose({ site: ["suzhou"], department: ["civil"], service: ["pay"] })],
    ["many values", choose({ site: ["suzhou", "nanjing"], department: ["civil", "tax"], service: ["pay", "portal"] })],
    ["a quote in a name", choose({ site: ["o'brien"], department: ["d'or"], service: [AWKWARD] })],
    ["an empty range", choose({}, { fromMs: FROM_MS - 400 * DAY_MS, toMs: FROM_MS - 400 * DAY_MS + 1 })],
    ["thirty days", choose({}, { fromMs: TO_MS - 30 * DAY_MS, intervalMs: 3_600_000 })],
  ];
  const queries = [...dashboards].flatMap(([uid, dashboard]) => queriesOf(dashboard).map(({ where, sql }) => [`${uid} ${where}`, sql] as const));

  it.each(queries)("%s", async (_, sql) => {
    for (const [, context] of CHOICES) await run(sql, context);
  });

  it.each(queries)("%s reads no day of the large tables but the chosen one", async (_, sql) => {
    const plan = await store.query<{ table: string; rows: string }>(`EXPLAIN ESTIMATE ${expandQuery(sql, ALL)}`);
    for (const { table, rows } of plan) if (LARGE.has(table)) expect([table, Number(rows)]).toEqual([table, LARGE.get(table)]);
  });

  it("is a test that a wrong column fails", async () => {
    await expect(run(queries[0]![1].replace("anomaly_id", "anomalie_id"), ALL)).rejects.toMatchObject({ code: "YUNWEI_STORE_REFUSED" });
  });
});

describe("frames have the shape that their panel draws", () => {
  const panels = [...dashboards].flatMap(([uid, { panels: all }]) => all.map((panel) => ({ uid, panel })));

  it.each(panels.filter(({ panel }) => panel.targets![0]!.format === 0))("$uid $panel.id: time rises, one value a time and label", async ({ uid, panel }) => {
    const rows = await ask(uid, panel.id!);
    expect(rows.length).toBeGreaterThan(0);
    const keys = rows.map((row) => JSON.stringify([row["time"], ...Object.values(row).filter((value) => typeof value === "string")]));
    expect(new Set(keys).size).toBe(keys.length);
    for (const [at, row] of rows.entries()) if (at > 0) expect(millis(row)).toBeGreaterThanOrEqual(millis(rows[at - 1]!));
    expect(rows.every((row) => Object.entries(row).every(([name, value]) => name === "time" || typeof value !== "number" || Number.isFinite(value)))).toBe(
      true,
    );
  });

  it.each(panels.filter(({ panel }) => panel.type === "table"))(
    "$uid $panel.id: every column that is renamed is there, and no other",
    async ({ uid, panel }) => {
      const renamed = panel.fieldConfig.overrides.map(({ matcher }) => String(matcher.options));
      const rows = await ask(uid, panel.id!);
      expect(rows.length).toBeGreaterThan(0);
      expect(Object.keys(rows[0]!).sort()).toEqual([...renamed].sort());
    },
  );

  it("nodes and edges of the service map belong together", async () => {
    const [nodes, lines] = await Promise.all([service(7, ALL, "nodes"), service(7, ALL, "edges")]);
    const ids = new Set(nodes.map((row) => row["id"]));
    expect([...ids].sort()).toEqual(["pay", "pay-db", "portal"]);
    for (const { source, target: goal } of lines) expect(ids.has(source) && ids.has(goal)).toBe(true);
    for (const row of nodes) expect(Number(row["arc__ok"]) + Number(row["arc__err"])).toBeCloseTo(1, 9);
  });

  it("variables give a value, and a name where they have two columns", async () => {
    const sql = (name: string): string =>
      (dashboards.get("aiops-service")!.templating.list.find((one) => one.name === name)!.query as { rawSql: string }).rawSql;
    expect(await run(sql("site"), ALL)).toEqual([
      { value: "core-prod", label: "生产中心" },
      { value: "nanjing", label: "南京" },
      { value: "suzhou", label: "苏州" },
    ]);
    expect(await run(sql("service"), choose({ site: ["core-prod"] }))).toEqual([{ service: AWKWARD }]);
    expect(await run(sql("department"), ALL)).toEqual([{ department: "civil" }, { department: "tax" }]);
  });
});

describe("the wall tells the truth of a known outage", () => {
  it("counts what is open: not what has closed, is harmless, or began too long ago", async () => {
    expect(await wall(1)).toEqual([{ value: "3" }]);
    expect(await wall(1, choose({ department: ["tax"] }))).toEqual([{ value: "1" }]);
    expect(await wall(1, choose({}, { toMs: FROM_MS + 1 }))).toEqual([{ value: "1" }]);
  });

  it("counts active alerts at their last severity", async () => {
    expect(await wall(2)).toEqual([{ critical: String(ALERTS.critical.length), major: "0", other: "1" }]);
  });

  it("gives the share of calls that succeeded, and nothing where there were none", async () => {
    const total = edges().reduce((sum, edge) => sum + edge.calls, 0);
    const failed = edges().reduce((sum, edge) => sum + edge.errors, 0);
    expect(Number((await wall(3))[0]!["value"])).toBeCloseTo(1 - failed / total, 9);
    expect(await wall(3, choose({ department: ["tax"] }))).toEqual([{ value: null }]);
  });

  it("compares groups with deviations of the range", async () => {
    expect(Number((await wall(4))[0]!["value"])).toBeCloseTo(1 - ALERTS.groups / 4, 9);
  });

  it("shows fourteen tiles in order, silent ones as silent", async () => {
    const tiles = await wall(5);
    expect(tiles.map((row) => row["tile"])).toEqual([
      "核心节点",
      "南京",
      "无锡",
      "徐州",
      "常州",
      "苏州",
      "南通",
      "连云港",
      "淮安",
      "盐城",
      "扬州",
      "镇江",
      "泰州",
      "宿迁",
    ]);
    const value = (tile: string) => Number(tiles.find((row) => row["tile"] === tile)!["value"]);
    expect([value("苏州"), value("南京"), value("核心节点"), value("淮安"), value("徐州")]).toEqual([2, 0, 1, 0, -1]);
  });

  it("gives the age of each site's newest metric", async () => {
    const rows = await wall(6);
    expect(Object.fromEntries(rows.map((row) => [row["name"], Number(row["value"])]))).toEqual({
      淮安: AGES_S["huaian"],
      生产中心: AGES_S["core-prod"],
      南京: 10,
      苏州: 10,
    });
  });

  it("puts openings into the step in which they began, and counts a redelivery once", async () => {
    const rows = await wall(7, choose({}, { intervalMs: 900_000 }));
    expect(rows).toEqual([{ time: "2026-11-26 02:00:00", tile: "苏州", value: "3" }]);
    expect(await wall(8, choose({}, { intervalMs: 3_600_000 }))).toEqual([
      { time: "2026-11-26 01:00:00", level: "critical", value: "1" },
      { time: "2026-11-26 02:00:00", level: "major", value: "1" },
      { time: "2026-11-26 02:00:00", level: "minor", value: "1" },
    ]);
  });

  it("names the service that fails and the group that is open", async () => {
    expect((await wall(10))[0]).toMatchObject({ service: "pay", place: "苏州", total: "720", error_ratio: 0.125 });
    expect((await wall(10)).length).toBe(1);
    expect(await wall(11)).toEqual([
      { alert_group: "g1", severity: "critical", alerts: "2", places: "苏州", age_s: String((TO_MS - Date.UTC(2026, 10, 26, 2, 6)) / 1_000) },
    ]);
    expect((await wall(12))[0]).toMatchObject({ entity: "service:pay", place: "苏州", deviations: "2", worst_z: 30 });
  });
});

describe("the service page agrees with the requests one by one", () => {
  const served = requests().filter(({ atMs }) => atMs <= TO_MS);
  const pay = served.filter((one) => one.service === "pay");
  const suzhou = choose({ service: ["pay"], site: ["suzhou"] });
  const quantile = (values: readonly number[], q: number): number => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;

  it("rate, errors and P95 now", async () => {
    expect(Number((await service(1))[0]!["value"])).toBeCloseTo(served.length / 3_600, 6);
    const failed = pay.filter((one) => one.failed).length;
    expect(failed).toBeGreaterThan(50);
    expect(Number((await service(2, choose({ service: ["pay"] })))[0]!["value"])).toBeCloseTo(failed / pay.length, 9);
    const p95 =
      quantile(
        pay.filter((one) => one.site === "suzhou").map((one) => one.durationUs),
        0.95,
      ) / 1_000;
    expect(Math.abs(Number((await service(3, suzhou))[0]!["value"]) / p95 - 1)).toBeLessThan(0.02);
    expect(await service(2, choose({ service: ["nobody"] }))).toEqual([{ value: null }]);
  });

  it("rate by service, with a first and last step that are cut", async () => {
    const context = choose({}, { fromMs: FROM_MS + 20_000, toMs: TO_MS - 25_000 });
    const rows = await service(4, context);
    const portal = rows.filter((row) => row["name"] === "portal");
    expect(portal.length).toBe(60);
    // Two sites, one request every five seconds each: 0.4 a second in every step, the cut ones too.
    for (const row of portal) expect(Math.abs(Number(row["value"]) - 0.4)).toBeLessThan(0.06);
    expect(new Set(rows.map((row) => row["name"]))).toEqual(new Set(["portal", "pay", AWKWARD]));
  });

  it("errors by service: the outage and nothing but the outage", async () => {
    const rows = (await service(5, suzhou)).map((row) => [millis(row), Number(row["value"])] as const);
    for (const [ms, ratio] of rows) expect(ratio).toBeCloseTo(ms >= Date.UTC(2026, 10, 26, 2, 5) && ms < Date.UTC(2026, 10, 26, 2, 20) ? 0.5 : 0, 9);
    expect(rows.length).toBe(60);
  });

  it("duration quantiles by the minute", async () => {
    const rows = await service(6, suzhou);
    const broken = rows.filter((row) => Number(row["p50"]) > 150).length;
    expect(broken).toBe(15);
    for (const row of rows) expect(Number(row["p50"]) <= Number(row["p95"]) && Number(row["p95"]) <= Number(row["p99"])).toBe(true);
  });

  it("calls, operations, dependencies, deviations, slow requests, logs and fired alerts", async () => {
    const [edge] = (await service(7, suzhou, "edges")).filter((row) => row["id"] === "portal→pay");
    expect(Number(edge!["mainstat"])).toBeCloseTo(720 / 3_600, 9);
    expect(Number(edge!["secondarystat"])).toBeCloseTo(0.125, 9);
    expect((await service(8, suzhou))[0]).toMatchObject({ service: "pay", operation: "POST /pay", requests: "720" });
    expect(await service(9, suzhou)).toMatchObject([{ service: "pay", dependency: "pay-db", what: "external", total: "720", error_ratio: 0 }]);
    expect((await service(10, suzhou)).map((row) => [row["entity"], row["state"]])).toEqual([
      ["instance:pay/1", "恢复"],
      ["service:pay", "偏离"],
      ["service:pay", "偏离"],
      ["instance:pay/1", "偏离"],
    ]);
    const slowest = Math.max(...pay.map((one) => one.durationUs)) / 1_000;
    expect((await service(11))[0]).toMatchObject({ service: "pay", place: "苏州", ms: slowest });
    expect((await service(12)).map((row) => [row["body"], row["level"]])).toEqual([
      ["line of severity 21", "critical"],
      ["line of severity 17", "error"],
    ]);
    const fired = dashboards.get("aiops-service")!.annotations.list![0]!.target!.rawSql;
    expect((await run(fired, suzhou)).length).toBe(ALERTS.fired);
    expect(await run(fired, choose({ service: ["portal"] }))).toEqual([]);
  });
});

describe("what is committed", () => {
  it.each([...generatedFiles()])("%s is what the registry says", async (path, content) => {
    expect(await readFile(join(import.meta.dirname, "..", "generated", path), "utf8")).toBe(content);
  });
});
