import type { PanelSpec, Threshold } from "./panel-spec.ts";
import { among, BUCKET_SECONDS, RANGE_SECONDS, SERVED } from "./sql-fragments.ts";

const CHOSEN = `${among("site", "site")} AND ${among("department", "department")} AND ${among("service", "service")}`;
/** Spans of requests served in the range, of what is chosen. */
const WHERE = `$__timeFilter(ts) AND ${SERVED} AND ${CHOSEN}`;
/** More lines than this tell nothing: the busiest are shown. */
const BUSIEST = `service IN (SELECT service FROM spans WHERE ${WHERE} GROUP BY service ORDER BY count() DESC, service LIMIT 12)`;
const ERROR_STEPS: readonly Threshold[] = [
  { value: null, color: "green" },
  { value: 0.001, color: "orange" },
  { value: 0.01, color: "red" },
];

/** Rate, errors, duration, from spans of kind server and consumer. */
export const SERVICE_RED_PANELS: readonly PanelSpec[] = [
  {
    id: 1,
    title: { zh: "请求速率", en: "Rate" },
    question: { zh: "所选服务在所选时间内平均每秒处理多少请求？", en: "How many requests a second did the chosen services serve on average?" },
    kind: "stat",
    unit: "reqps",
    decimals: 2,
    queries: [{ refId: "A", sql: `SELECT count() / ${RANGE_SECONDS} AS value FROM spans WHERE ${WHERE} LIMIT 1` }],
    grid: { x: 0, y: 0, w: 8, h: 4 },
  },
  {
    id: 2,
    title: { zh: "失败率", en: "Errors" },
    question: { zh: "所选时间内有多少请求失败？没有请求时不显示 0。", en: "What share of requests failed? Without requests it shows nothing, not 0." },
    kind: "stat",
    unit: "percentunit",
    min: 0,
    max: 1,
    decimals: 3,
    queries: [{ refId: "A", sql: `SELECT if(count() = 0, NULL, countIf(status = 'error') / count()) AS value FROM spans WHERE ${WHERE} LIMIT 1` }],
    grid: { x: 8, y: 0, w: 8, h: 4 },
    thresholds: ERROR_STEPS,
  },
  {
    id: 3,
    title: { zh: "P95 耗时", en: "P95 duration" },
    question: { zh: "95% 的请求在多长时间内完成？", en: "Within what time were 95 % of requests served?" },
    kind: "stat",
    unit: "ms",
    decimals: 1,
    queries: [{ refId: "A", sql: `SELECT if(count() = 0, NULL, quantileTDigest(0.95)(duration_us) / 1000) AS value FROM spans WHERE ${WHERE} LIMIT 1` }],
    grid: { x: 16, y: 0, w: 8, h: 4 },
  },
  {
    id: 4,
    title: { zh: "各服务请求速率", en: "Rate by service" },
    question: { zh: "各服务每秒处理多少请求？最多显示最忙的 12 个。", en: "How many requests a second does each service serve? The busiest 12 at most." },
    kind: "timeseries",
    unit: "reqps",
    min: 0,
    minInterval: "15s",
    queries: [
      {
        refId: "A",
        sql: `SELECT $__timeInterval(ts) AS time, service AS name, count() / ${BUCKET_SECONDS} AS value FROM spans WHERE ${WHERE} AND ${BUSIEST} GROUP BY time, name ORDER BY time, name`,
      },
    ],
    seriesName: `\${__field.labels.name}`,
    grid: { x: 0, y: 4, w: 8, h: 9 },
  },
  {
    id: 5,
    title: { zh: "各服务失败率", en: "Errors by service" },
    question: { zh: "各服务有多少请求失败？最多显示最忙的 12 个。", en: "What share of requests fails at each service? The busiest 12 at most." },
    kind: "timeseries",
    unit: "percentunit",
    min: 0,
    max: 1,
    minInterval: "15s",
    queries: [
      {
        refId: "A",
        sql: `SELECT $__timeInterval(ts) AS time, service AS name, countIf(status = 'error') / count() AS value FROM spans WHERE ${WHERE} AND ${BUSIEST} GROUP BY time, name ORDER BY time, name`,
      },
    ],
    seriesName: `\${__field.labels.name}`,
    grid: { x: 8, y: 4, w: 8, h: 9 },
    thresholds: ERROR_STEPS,
  },
  {
    id: 6,
    title: { zh: "耗时分位数", en: "Duration" },
    question: {
      zh: "所选服务合计的 P50、P95、P99 耗时如何变化？",
      en: "How do the median, the 95th and the 99th percentile of all chosen services together change?",
    },
    kind: "timeseries",
    unit: "ms",
    min: 0,
    minInterval: "15s",
    queries: [
      {
        refId: "A",
        sql: `SELECT $__timeInterval(ts) AS time, quantileTDigest(0.5)(duration_us) / 1000 AS p50, quantileTDigest(0.95)(duration_us) / 1000 AS p95, quantileTDigest(0.99)(duration_us) / 1000 AS p99
FROM spans WHERE ${WHERE} GROUP BY time ORDER BY time`,
      },
    ],
    grid: { x: 16, y: 4, w: 8, h: 9 },
  },
];
