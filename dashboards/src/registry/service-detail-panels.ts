import type { PanelSpec } from "./panel-spec.ts";
import { among, RANGE_SECONDS, SERVED, serviceOfEntity, siteName } from "./sql-fragments.ts";

const PLACE = `${among("site", "site")} AND ${among("department", "department")}`;
const CHOSEN = `${PLACE} AND ${among("service", "service")}`;
const WHERE = `$__timeFilter(ts) AND ${SERVED} AND ${CHOSEN}`;
/** The busiest calls that touch a chosen service: both queries of the map stand on the same ones, so that no edge lacks its node. */
const CALLS = `SELECT src, dst, sum(calls) AS n, sum(errors) AS failed, sum(duration_sum_us) AS spent_us FROM service_edges_1m
WHERE $__timeFilter(t) AND ${PLACE} AND (${among("src", "service")} OR ${among("dst", "service")}) AND src != '' AND dst != '' GROUP BY src, dst HAVING n > 0 ORDER BY n DESC, src, dst LIMIT 200`;
const ERROR_SEVERITY = 17;

/** Where a service's time and errors come from. */
export const SERVICE_DETAIL_PANELS: readonly PanelSpec[] = [
  {
    id: 7,
    title: { zh: "调用关系", en: "Who calls whom" },
    question: {
      zh: "所选服务调用谁、被谁调用？圆环红色部分是失败的调用；最多 200 条调用关系。",
      en: "Whom do the chosen services call, and who calls them? The red arc is failed calls; 200 edges at most.",
    },
    kind: "node-graph",
    unit: "reqps",
    queries: [
      {
        refId: "nodes",
        sql: `SELECT name AS id, name AS title, sum(served) / ${RANGE_SECONDS} AS mainstat, if(sum(served) = 0, 0, sum(spent_us) / sum(served) / 1000) AS secondarystat,
if(sum(served) = 0, 1, 1 - sum(failed) / sum(served)) AS arc__ok, if(sum(served) = 0, 0, sum(failed) / sum(served)) AS arc__err
FROM (SELECT dst AS name, n AS served, failed, spent_us FROM (${CALLS}) UNION ALL SELECT src AS name, 0 AS served, 0 AS failed, 0 AS spent_us FROM (${CALLS})) GROUP BY name ORDER BY name LIMIT 400`,
      },
      {
        refId: "edges",
        sql: `SELECT concat(src, '→', dst) AS id, src AS source, dst AS target, n / ${RANGE_SECONDS} AS mainstat, failed / n AS secondarystat FROM (${CALLS}) ORDER BY id LIMIT 200`,
      },
    ],
    grid: { x: 0, y: 13, w: 12, h: 12 },
  },
  {
    id: 8,
    title: { zh: "最慢操作", en: "Slowest operations" },
    question: { zh: "哪些操作最慢，失败多少？", en: "Which operations are slowest, and how many fail?" },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT service, name AS operation, count() AS requests, countIf(status = 'error') / count() AS error_ratio, quantileTDigest(0.95)(duration_us) / 1000 AS p95_ms
FROM spans WHERE ${WHERE} GROUP BY service, operation ORDER BY p95_ms DESC, service, operation LIMIT 20`,
      },
    ],
    columns: {
      service: { title: { zh: "服务", en: "Service" } },
      operation: { title: { zh: "操作", en: "Operation" } },
      requests: { title: { zh: "请求数", en: "Requests" }, unit: "short" },
      error_ratio: { title: { zh: "失败率", en: "Errors" }, unit: "percentunit" },
      p95_ms: { title: { zh: "P95", en: "P95" }, unit: "ms" },
    },
    grid: { x: 12, y: 13, w: 12, h: 12 },
  },
  {
    id: 9,
    title: { zh: "下游依赖", en: "Dependencies" },
    question: {
      zh: "所选服务的下游（服务、数据库、队列、外部）有多慢、失败多少？",
      en: "How slow and how faulty are the services, databases, queues and outsiders that the chosen services call?",
    },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT src AS service, dst AS dependency, toString(dst_kind) AS what, ${siteName("dst_site")} AS place, sum(calls) AS total, sum(errors) / sum(calls) AS error_ratio,
sum(duration_sum_us) / sum(calls) / 1000 AS mean_ms, max(duration_max_us) / 1000 AS max_ms
FROM service_edges_1m WHERE $__timeFilter(t) AND ${PLACE} AND ${among("src", "service")} GROUP BY service, dependency, what, place
HAVING total > 0 ORDER BY error_ratio DESC, mean_ms DESC, service, dependency, place LIMIT 30`,
      },
    ],
    columns: {
      service: { title: { zh: "服务", en: "Service" } },
      dependency: { title: { zh: "下游", en: "Dependency" } },
      what: { title: { zh: "类型", en: "Kind" } },
      place: { title: { zh: "下游站点", en: "Its site" } },
      total: { title: { zh: "调用次数", en: "Calls" }, unit: "short" },
      error_ratio: { title: { zh: "失败率", en: "Errors" }, unit: "percentunit" },
      mean_ms: { title: { zh: "平均", en: "Mean" }, unit: "ms" },
      max_ms: { title: { zh: "最长", en: "Longest" }, unit: "ms" },
    },
    grid: { x: 0, y: 25, w: 12, h: 9 },
  },
  {
    id: 10,
    title: { zh: "偏离与正常范围", en: "Deviations and their band" },
    question: {
      zh: "所选服务的哪些指标偏离了正常范围，范围是多少？偏离只在开始和恢复时记录，因此不画连续的带。",
      en: "Which metrics of the chosen services left their normal band, and what was it? Told when a deviation opens and closes, so there is no continuous band to draw.",
    },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT DISTINCT ts AS at, entity, metric, value, expected, lower, upper, score, if(severity = 0, '恢复', '偏离') AS state
FROM anomalies WHERE $__timeFilter(ts) AND ${PLACE} AND ${among(serviceOfEntity("entity"), "service")} ORDER BY at DESC, entity, metric LIMIT 50`,
      },
    ],
    columns: {
      at: { title: { zh: "时间", en: "Time" } },
      entity: { title: { zh: "对象", en: "Entity" } },
      metric: { title: { zh: "指标", en: "Metric" } },
      value: { title: { zh: "值", en: "Value" } },
      expected: { title: { zh: "预期", en: "Expected" } },
      lower: { title: { zh: "下限", en: "Lower" } },
      upper: { title: { zh: "上限", en: "Upper" } },
      score: { title: { zh: "偏离度", en: "z" } },
      state: { title: { zh: "状态", en: "State" } },
    },
    grid: { x: 12, y: 25, w: 12, h: 9 },
  },
  {
    id: 11,
    title: { zh: "最慢请求", en: "Slowest requests" },
    question: { zh: "哪些请求最慢？用链路号到控制台查看全程。", en: "Which requests were slowest? Take the trace id to the console." },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT ts AS at, service, name AS operation, ${siteName("site")} AS place, duration_us / 1000 AS ms, toString(status) AS result, lower(hex(trace_id)) AS trace
FROM spans WHERE ${WHERE} ORDER BY duration_us DESC, at, trace LIMIT 20`,
      },
    ],
    columns: {
      at: { title: { zh: "时间", en: "Time" } },
      service: { title: { zh: "服务", en: "Service" } },
      operation: { title: { zh: "操作", en: "Operation" } },
      place: { title: { zh: "站点", en: "Site" } },
      ms: { title: { zh: "耗时", en: "Duration" }, unit: "ms" },
      result: { title: { zh: "结果", en: "Result" } },
      trace: { title: { zh: "链路号", en: "Trace" } },
    },
    grid: { x: 0, y: 34, w: 12, h: 10 },
  },
  {
    id: 12,
    title: { zh: "错误日志", en: "Error logs" },
    question: { zh: "所选服务最近写了哪些错误日志？最多 200 条。", en: "Which errors have the chosen services logged last? 200 at most." },
    kind: "logs",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT ts AS timestamp, body, if(severity >= 21, 'critical', 'error') AS level, service, site FROM logs
WHERE $__timeFilter(ts) AND severity >= ${ERROR_SEVERITY} AND ${CHOSEN} ORDER BY timestamp DESC LIMIT 200`,
      },
    ],
    grid: { x: 12, y: 34, w: 12, h: 10 },
  },
];
