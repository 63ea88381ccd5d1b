import type { PanelSpec } from "./panel-spec.ts";
import { activeAlerts, among, openDeviations, siteName, TILE_LIST, tileName } from "./sql-fragments.ts";

const DEPARTMENT = among("department", "department");
/** Newest point of a tile, in the last quarter of an hour: what is older counts as silent. */
const FRESH = `SELECT ${tileName("site")} AS tile, max(ts) AS newest FROM metric_points WHERE ts > $__toTime - 900 AND ts <= $__toTime GROUP BY tile`;
/** The tiles of the province and those of sites that have been heard of besides. */
const ALL_TILES = `SELECT DISTINCT tile FROM (SELECT arrayJoin(${TILE_LIST}) AS tile UNION ALL SELECT ${tileName("site")} AS tile FROM resources WHERE $__dateFilter(day) AND site != '')`;
const TILE_ORDER = `if(indexOf(${TILE_LIST}, tile) = 0, 1000, indexOf(${TILE_LIST}, tile)), tile`;

/** First rows of the wall: what is the case at the end of the chosen range. */
export const WALL_NOW_PANELS: readonly PanelSpec[] = [
  {
    id: 1,
    title: { zh: "未恢复偏离", en: "Open deviations" },
    question: {
      zh: "现在有多少有害偏离尚未恢复？统计最近 7 天内开始的。",
      en: "How many harmful deviations are open now? Counts those that began in the last 7 days.",
    },
    kind: "stat",
    unit: "short",
    queries: [{ refId: "A", sql: `SELECT count() AS value FROM (${openDeviations(DEPARTMENT)}) LIMIT 1` }],
    grid: { x: 0, y: 0, w: 4, h: 4 },
    thresholds: [
      { value: null, color: "green" },
      { value: 1, color: "orange" },
      { value: 10, color: "red" },
    ],
  },
  {
    id: 2,
    title: { zh: "活动告警", en: "Active alerts" },
    question: { zh: "现在有多少告警未恢复，各是什么级别？", en: "How many alerts are not resolved now, and how severe are they?" },
    kind: "stat",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT countIf(level = 'critical') AS critical, countIf(level = 'major') AS major, countIf(level IN ('minor', 'info')) AS other FROM (${activeAlerts(DEPARTMENT)}) LIMIT 1`,
      },
    ],
    columns: {
      critical: { title: { zh: "紧急", en: "Critical" } },
      major: { title: { zh: "重要", en: "Major" } },
      other: { title: { zh: "次要", en: "Minor" } },
    },
    grid: { x: 4, y: 0, w: 8, h: 4 },
    thresholds: [
      { value: null, color: "green" },
      { value: 1, color: "red" },
    ],
  },
  {
    id: 3,
    title: { zh: "今日服务调用成功率", en: "Successful calls today" },
    question: {
      zh: "今天（北京时间零点起）服务之间的调用有多少成功？只含由链路数据得出的调用，不含入口流量。",
      en: "What share of calls between services has succeeded today, since midnight in Beijing? Calls known from traces only, without what comes in from outside.",
    },
    kind: "stat",
    unit: "percentunit",
    min: 0,
    max: 1,
    decimals: 3,
    queries: [
      {
        refId: "A",
        sql: `SELECT if(sum(calls) = 0, NULL, 1 - sum(errors) / sum(calls)) AS value FROM service_edges_1m
WHERE t >= toStartOfDay($__toTime, 'Asia/Shanghai') AND t <= $__toTime AND ${DEPARTMENT} LIMIT 1`,
      },
    ],
    grid: { x: 12, y: 0, w: 6, h: 4 },
    thresholds: [
      { value: null, color: "red" },
      { value: 0.995, color: "orange" },
      { value: 0.999, color: "green" },
    ],
  },
  {
    id: 4,
    title: { zh: "告警压缩率", en: "Alert compression" },
    question: {
      zh: "所选时间内偏离被归并掉了多少？1 − 告警组数 ÷ 偏离数。",
      en: "How much noise was removed in the chosen range? 1 minus alert groups over deviations.",
    },
    kind: "stat",
    unit: "percentunit",
    min: 0,
    max: 1,
    decimals: 1,
    queries: [
      {
        refId: "A",
        sql: `SELECT if(deviations = 0, NULL, greatest(0, 1 - alert_groups / deviations)) AS value
FROM (SELECT uniqExactIf(anomaly_id, severity > 0) AS deviations FROM anomalies WHERE $__timeFilter(ts) AND ${DEPARTMENT}) AS a
CROSS JOIN (SELECT uniqExactIf(group_id, group_id != '' AND event = 'fired') AS alert_groups FROM alert_events WHERE $__timeFilter(at) AND ${DEPARTMENT}) AS b LIMIT 1`,
      },
    ],
    grid: { x: 18, y: 0, w: 6, h: 4 },
    thresholds: [
      { value: null, color: "orange" },
      { value: 0.8, color: "green" },
    ],
  },
  {
    id: 5,
    title: { zh: "节点状态", en: "Sites now" },
    question: {
      zh: "14 个节点各有多少未恢复的有害偏离？15 分钟没有指标的节点显示“采集中断”，不显示 0。",
      en: "How many harmful deviations are open at each of the 14 sites? A site without a metric for 15 minutes says so and never shows 0.",
    },
    kind: "tiles",
    unit: "short",
    queries: [
      {
        refId: "A",
        sql: `SELECT tiles.tile AS tile, if(fresh.tile = '', -1, toInt64(open.deviations)) AS value
FROM (${ALL_TILES}) AS tiles
LEFT JOIN (${FRESH}) AS fresh ON fresh.tile = tiles.tile
LEFT JOIN (SELECT ${tileName("at_site")} AS tile, count() AS deviations FROM (${openDeviations(DEPARTMENT)}) GROUP BY tile) AS open ON open.tile = tiles.tile
ORDER BY ${TILE_ORDER} LIMIT 60`,
      },
    ],
    mappings: [{ value: -1, text: { zh: "采集中断", en: "no data" }, color: "gray" }],
    seriesName: `\${__data.fields.tile}`,
    grid: { x: 0, y: 4, w: 24, h: 6 },
    thresholds: [
      { value: null, color: "green" },
      { value: 1, color: "orange" },
      { value: 5, color: "red" },
    ],
  },
  {
    id: 6,
    title: { zh: "数据新鲜度", en: "Freshness" },
    question: {
      zh: "各站点最新的指标距所选结束时间多久？7 天内没有数据的站点不列出。",
      en: "How old is the newest metric of each site at the end of the range? Sites without data for 7 days are not listed.",
    },
    kind: "bargauge",
    unit: "s",
    min: 0,
    queries: [
      {
        refId: "A",
        sql: `SELECT ${siteName("site")} AS name, toInt64(toUnixTimestamp($__toTime)) - toInt64(toUnixTimestamp(max(newest))) AS value
FROM (SELECT site, max(ts) AS newest FROM metric_points WHERE ts > $__toTime - 900 AND ts <= $__toTime GROUP BY site
UNION ALL SELECT site, max(t) AS newest FROM metric_5m WHERE t > $__toTime - INTERVAL 7 DAY AND t <= $__toTime GROUP BY site)
WHERE site != '' GROUP BY site ORDER BY value DESC, name LIMIT 60`,
      },
    ],
    seriesName: `\${__data.fields.name}`,
    grid: { x: 16, y: 18, w: 8, h: 10 },
    thresholds: [
      { value: null, color: "green" },
      { value: 120, color: "orange" },
      { value: 300, color: "red" },
    ],
  },
];
