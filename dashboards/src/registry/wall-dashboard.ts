import type { DashboardSpec } from "./panel-spec.ts";
import { DEPARTMENT_VARIABLE } from "./variables.ts";
import { WALL_HISTORY_PANELS } from "./wall-history-panels.ts";
import { WALL_NOW_PANELS } from "./wall-now-panels.ts";

/** Incidents, changes and on-call are kept in PostgreSQL, which this data source does not reach: the wall does not pretend to show them. */
export const WALL_DASHBOARD: DashboardSpec = {
  uid: "aiops-wall",
  title: { zh: "全省运行态势", en: "Province at a glance" },
  description: {
    zh: "大屏：现在哪里有问题，数据是否新鲜。故障单、变更和值班在控制台，不在此数据源。",
    en: "Wall: what is wrong now, and is the data fresh. Incidents, changes and rosters are in the console, not in this data source.",
  },
  tags: ["yunwei", "wall"],
  from: "now-24h",
  refresh: "30s",
  variables: [DEPARTMENT_VARIABLE],
  annotations: [],
  panels: [...WALL_NOW_PANELS, ...WALL_HISTORY_PANELS],
  leadsTo: ["aiops-service"],
};
