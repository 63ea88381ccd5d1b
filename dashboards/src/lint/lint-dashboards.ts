import type { DashboardJson } from "./dashboard-json.ts";
import { DASHBOARD_RULES } from "./dashboard-rules.ts";
import { PANEL_RULES } from "./panel-rules.ts";
import { QUERY_RULES, type Rule } from "./query-rules.ts";

export interface Complaint {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
}

export const RULES: Readonly<Record<string, Rule>> = { ...DASHBOARD_RULES, ...PANEL_RULES, ...QUERY_RULES };

/** Holds every `*.json` of the generated files against every rule; two dashboards of one uid are a complaint too. */
export function lintDashboards(files: ReadonlyMap<string, string>): Complaint[] {
  const dashboards = [...files].filter(([path]) => path.endsWith(".json")).map(([path, text]) => ({ path, dashboard: JSON.parse(text) as DashboardJson }));
  const uids = new Set(dashboards.map(({ dashboard }) => dashboard.uid ?? ""));
  const complaints = dashboards.flatMap(({ path, dashboard }) =>
    Object.entries(RULES).flatMap(([rule, check]) => check(dashboard, uids).map(([where, what]) => ({ rule, where: `${path} ${where}`, what }))),
  );
  if (uids.size < dashboards.length) complaints.push({ rule: "dashboard-uid", where: "all", what: "two dashboards have one uid" });
  return complaints;
}
