import type { PanelSpec } from "./panel-spec.ts";
import { activeAlerts, among, BUCKET_SECONDS, openDeviations, siteName, tileName } from "./sql-fragments.ts";

const DEPARTMENT = among("department", "department");

/** Lower rows of the wall: what has been in the chosen range, and where to look next. */
export const WALL_HISTORY_PANELS: readonly PanelSpec[] = [
  {
    id: 7,
    title: { zh: "节点偏离历史", en: "Deviations by site" },
    question: { zh: "所选时间内各节点每一段新出现了多少有害偏离？", en: "How many harmful deviations began at each site, step by step?" },
    kind: "status-history",
    unit: "short",
    minInterval: "15m",
    queries: [
      {
        refId: "A",
        sql: `SELECT $__timeInterval(opened) AS time, ${tileName("at_site")} AS tile, count() AS value
FROM (SELECT any(site) AS at_site, min(ts) AS opened FROM anomalies WHERE $__timeFilter(ts) AND severity >= 2 AND ${DEPARTMENT} GROUP BY anomaly_id)
GROUP BY time, tile ORDER BY time, tile`,
      },
    ],
    seriesName: `\${__field.labels.tile}`,
    grid: { x: 0, y: 10, w: 24, h: 8 },
    thresholds: [
      { value: null, color: "green" },
      { value: 1, color: "orange" },
      { value: 5, color: "red" },
    ],
  },
  {
    id: 8,
    title: { zh: "每小时新告警", en: "New alerts by hour" },
    question: { zh: "每小时有多少告警触发，级别如何？", en: "How many alerts fired in each hour, by severity?" },
    kind: "bars",
    unit: "short",
    minInterval: "1h",
    queries: [
      {
        refId: "A",
        sql: `SELECT $__timeInterval(at) AS time, severity AS level, uniqExact(alert_id) AS value FROM alert_events
WHERE $__timeFilter(at) AND event = 'fired' AND ${DEPARTMENT} GROUP BY time, level ORDER BY time, level`,
      },
    ],
    seriesName: `\${__field.labels.level}`,
    grid: { x: 0, y: 18, w: 8, h: 10 },
  },
  {
    id: 9,
    title: { zh: "指标接入速率", en: "Points stored" },
    question: {
      zh: "各层级每秒存入多少个指标点？骤降说明采集或链路有问题。",
      en: "How many metric points a second are stored, by tier? A drop tells of collection or links.",
    },
    kind: "timeseries",
    unit: "cps",
    minInterval: "5m",
    queries: [
      {
        refId: "A",
        sql: `SELECT $__timeInterval(t) AS time, tier AS level, sum(n) / ${BUCKET_SECONDS} AS value FROM metric_5m
WHERE $__timeFilter(t) AND ${DEPARTMENT} GROUP BY time, level ORDER BY time, level`,
      },
    ],
    seriesName: `\${__field.labels.level}`,
    grid: { x: 8, y: 18, w: 8, h: 10 },
  },
  {
    id: 10,
    title: { zh: "异常服务 Top 10", en: "Worst services" },
    question: {
      zh: "所选时间内哪些服务的被调用失败率最高？至少 10 次调用，数据来自链路；点击服务名看详情。",
      en: "Which services fail their callers most? At least 10 calls, from traces; click a name for its page.",
    },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT dst AS service, ${siteName("dst_site")} AS place, sum(calls) AS total, sum(errors) / sum(calls) AS error_ratio, sum(duration_sum_us) / sum(calls) / 1000 AS mean_ms
FROM service_edges_1m WHERE $__timeFilter(t) AND dst_kind = 'service' AND ${DEPARTMENT}
GROUP BY service, place HAVING total >= 10 AND error_ratio > 0 ORDER BY error_ratio DESC, total DESC, service, place LIMIT 10`,
      },
    ],
    columns: {
      service: { title: { zh: "服务", en: "Service" }, opensService: true },
      place: { title: { zh: "站点", en: "Site" } },
      total: { title: { zh: "调用次数", en: "Calls" }, unit: "short" },
      error_ratio: { title: { zh: "失败率", en: "Errors" }, unit: "percentunit" },
      mean_ms: { title: { zh: "平均耗时", en: "Mean" }, unit: "ms" },
    },
    grid: { x: 0, y: 28, w: 12, h: 9 },
  },
  {
    id: 11,
    title: { zh: "活动告警组", en: "Active alert groups" },
    question: {
      zh: "哪些告警组尚未恢复，多大、多久了？故障单、责任人和根因在控制台，不在此数据源。",
      en: "Which alert groups are open, how large and how old? Incidents, owners and causes are in the console, not in this data source.",
    },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT in_group AS alert_group, multiIf(countIf(level = 'critical') > 0, 'critical', countIf(level = 'major') > 0, 'major', countIf(level = 'minor') > 0, 'minor', 'info') AS severity,
count() AS alerts, arrayStringConcat(arraySort(groupUniqArray(5)(${siteName("at_site")})), '、') AS places, toInt64(toUnixTimestamp($__toTime)) - toInt64(toUnixTimestamp(min(since))) AS age_s
FROM (${activeAlerts(DEPARTMENT)}) GROUP BY alert_group ORDER BY alerts DESC, alert_group LIMIT 20`,
      },
    ],
    columns: {
      alert_group: { title: { zh: "告警组", en: "Group" } },
      severity: { title: { zh: "级别", en: "Severity" } },
      alerts: { title: { zh: "告警数", en: "Alerts" }, unit: "short" },
      places: { title: { zh: "站点", en: "Sites" } },
      age_s: { title: { zh: "持续", en: "Age" }, unit: "s" },
    },
    grid: { x: 12, y: 28, w: 12, h: 9 },
  },
  {
    id: 12,
    title: { zh: "正在偏离的对象", en: "What deviates now" },
    question: { zh: "哪些对象的哪些指标偏离最多？", en: "Which entities deviate most, and in what?" },
    kind: "table",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT of_entity AS entity, ${siteName("at_site")} AS place, count() AS deviations, arrayStringConcat(arraySort(groupUniqArray(3)(of_metric)), ', ') AS metrics, max(worst) AS worst_z
FROM (${openDeviations(DEPARTMENT)}) GROUP BY entity, place ORDER BY deviations DESC, worst_z DESC, entity LIMIT 20`,
      },
    ],
    columns: {
      entity: { title: { zh: "对象", en: "Entity" } },
      place: { title: { zh: "站点", en: "Site" } },
      deviations: { title: { zh: "偏离数", en: "Deviations" }, unit: "short" },
      metrics: { title: { zh: "指标", en: "Metrics" } },
      worst_z: { title: { zh: "最大偏离度", en: "Worst z" }, unit: "short" },
    },
    grid: { x: 0, y: 37, w: 24, h: 9 },
  },
];
