import { beforeEach, describe, expect, it } from "vitest";
import { generatedFiles } from "../generated-files.ts";
import type { DashboardJson, PanelJson } from "./dashboard-json.ts";
import { lintDashboards, RULES } from "./lint-dashboards.ts";

const PATH = "aiops-service.json";
let service: DashboardJson;

beforeEach(() => {
  service = JSON.parse(generatedFiles().get(PATH)!) as DashboardJson;
});

const panel = (id: number): PanelJson => service.panels.find((one) => one.id === id)!;
const sqlOf = (id: number) => panel(id).targets![0]!;
const variable = (name: string) => service.templating.list.find((one) => one.name === name)!;
const replace = (id: number, from: string | RegExp, to: string): void => {
  const before = sqlOf(id).rawSql;
  sqlOf(id).rawSql = before.replace(from, () => to);
  expect(sqlOf(id).rawSql).not.toBe(before);
};

/** One mistake for each rule: the rule must see it. */
const MUTATIONS: Readonly<Record<string, readonly (() => void)[]>> = {
  "dashboard-uid": [() => delete service.uid, () => (service.uid = "Not A Uid"), () => (service.uid = "aiops-wall")],
  "dashboard-texts": [() => (service.title = "Services"), () => (service.description = "只有中文")],
  "dashboard-zone": [() => (service.timezone = "browser"), () => delete service.timezone],
  "datasource-variable": [
    () => service.templating.list.shift(),
    () => (panel(1).datasource = { type: "grafana-clickhouse-datasource", uid: "abc" }),
    () => delete sqlOf(2).datasource,
    () => delete variable("site").datasource,
    () => delete service.annotations.list![0]!.datasource,
  ],
  "links-resolve": [
    () => (service.links![0]!.url = "/d/nowhere"),
    () => panel(8).fieldConfig.overrides.push({ matcher: {}, properties: [{ id: "links", value: [{ url: "/d/aiops-incident" }] }] }),
  ],
  "classic-model": [() => Object.assign(service, { apiVersion: "v2", spec: {} })],
  "no-import-placeholder": [() => (panel(1).title = `速率 \${DS_X}`)],
  "panel-id": [() => delete panel(1).id, () => (panel(2).id = 1), () => (panel(2).id = 0)],
  "panel-place": [() => (panel(2).gridPos.x = 7), () => (panel(3).gridPos.w = 9)],
  "panel-texts": [() => (panel(1).title = "Rate"), () => (panel(1).description = "只有中文"), () => delete panel(1).description],
  "panel-asks": [() => (panel(1).targets = []), () => (panel(7).targets![1]!.refId = "nodes")],
  "unit-known": [() => (panel(1).fieldConfig.defaults.unit = "currencyCNY"), () => delete panel(1).fieldConfig.defaults.unit],
  "ratio-bounded": [
    () => delete panel(2).fieldConfig.defaults.max,
    () => panel(8).fieldConfig.overrides.push({ matcher: { options: "x" }, properties: [{ id: "unit", value: "percentunit" }] }),
  ],
  "thresholds-rise": [() => panel(2).fieldConfig.defaults.thresholds!.steps.reverse(), () => (panel(2).fieldConfig.defaults.thresholds!.steps[0]!.value = 0)],
  "legend-shown": [() => (panel(4).options!.legend!.showLegend = false), () => delete panel(4).options!.legend],
  "page-short": [() => service.panels.push({ ...panel(12), id: 13, gridPos: { x: 0, y: 90, w: 1, h: 1 } })],
  "query-bound-in-time": [() => replace(12, "$__timeFilter(ts)", "1 = 1")],
  "query-bound-in-rows": [() => replace(8, /LIMIT 20$/, ""), () => replace(12, /LIMIT 200$/, "LIMIT 200 BY service")],
  "list-quoted": [
    () => replace(1, `\${site:singlequote}`, "$site"),
    () => replace(1, `\${site:singlequote}`, `\${site}`),
    () => replace(1, `\${site:singlequote}`, `\${site:csv}`),
  ],
  "condition-variable-bare": [() => replace(1, ", $site)", `, \${site:singlequote})`)],
  "query-without-comments": [() => replace(1, "SELECT", "SELECT /* $site */"), () => replace(1, "SELECT", "-- note\nSELECT")],
  "variable-defined": [() => service.templating.list.pop(), () => replace(1, "LIMIT 1", `AND a IN (\${nobody:singlequote}) LIMIT 1`)],
  "variable-used": [() => service.templating.list.push({ ...variable("site"), name: "spare" })],
  "variables-without-cycle": [() => ((variable("site").query as { rawSql: string }).rawSql += ` AND service IN (\${service:singlequote})`)],
  "variable-follows-time": [() => (variable("site").refresh = 1), () => delete variable("site").refresh],
};

const lint = (): string[] => lintDashboards(new Map(generatedFiles()).set(PATH, JSON.stringify(service))).map(({ rule }) => rule);

describe("lintDashboards", () => {
  it("finds nothing in what we ship", () => {
    expect(lintDashboards(generatedFiles())).toEqual([]);
  });

  it("has a mistake for every rule", () => {
    expect(Object.keys(MUTATIONS).sort()).toEqual(Object.keys(RULES).sort());
  });

  it.each(Object.entries(MUTATIONS).flatMap(([rule, mutations]) => mutations.map((mutate, at) => [rule, at, mutate] as const)))(
    "%s sees mistake %i",
    (rule, _, mutate) => {
      mutate();
      expect(lint()).toContain(rule);
    },
  );
});
