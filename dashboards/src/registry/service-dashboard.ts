import type { DashboardSpec } from "./panel-spec.ts";
import { SERVICE_DETAIL_PANELS } from "./service-detail-panels.ts";
import { SERVICE_RED_PANELS } from "./service-red-panels.ts";
import { among } from "./sql-fragments.ts";
import { DEPARTMENT_VARIABLE, SERVICE_VARIABLE, SITE_VARIABLE } from "./variables.ts";

/** Alerts that fired on a chosen service, across the time series. */
const FIRED = `SELECT at AS time, concat(severity, ' ', entity) AS text, policy_id AS tags FROM alert_events
WHERE $__timeFilter(at) AND event = 'fired' AND ${among("site", "site")} AND ${among("department", "department")} AND ${among("JSONExtractString(payload, 'service')", "service")}
ORDER BY time LIMIT 1 BY alert_id, at LIMIT 100`;

export const SERVICE_DASHBOARD: DashboardSpec = {
  uid: "aiops-service",
  title: { zh: "业务服务 RED", en: "Services: rate, errors, duration" },
  description: {
    zh: "所选服务的请求速率、失败率、耗时，以及它们从哪里来。",
    en: "Rate, errors and duration of the chosen services, and where they come from.",
  },
  tags: ["yunwei", "service"],
  from: "now-1h",
  refresh: "1m",
  variables: [SITE_VARIABLE, DEPARTMENT_VARIABLE, SERVICE_VARIABLE],
  annotations: [{ name: { zh: "告警触发", en: "Alerts fired" }, sql: FIRED, color: "red" }],
  panels: [...SERVICE_RED_PANELS, ...SERVICE_DETAIL_PANELS],
  leadsTo: ["aiops-wall"],
};
