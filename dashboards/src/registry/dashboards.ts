import type { DashboardSpec } from "./panel-spec.ts";
import { SERVICE_DASHBOARD } from "./service-dashboard.ts";
import { WALL_DASHBOARD } from "./wall-dashboard.ts";

/** Every dashboard that Yunwei ships. The same panels can serve the console's own charts. */
export const DASHBOARDS: readonly DashboardSpec[] = [WALL_DASHBOARD, SERVICE_DASHBOARD];
