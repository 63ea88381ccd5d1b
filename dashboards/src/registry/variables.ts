import type { VariableSpec } from "./panel-spec.ts";
import { among, siteName } from "./sql-fragments.ts";

/** The resources of the chosen days tell what there is; two columns: the value, and what people read. */
const heard = (column: string, where = "1 = 1"): string => `FROM resources WHERE $__dateFilter(day) AND ${column} != '' AND ${where}`;

export const DEPARTMENT_VARIABLE: VariableSpec = {
  name: "department",
  label: { zh: "部门", en: "Department" },
  sql: `SELECT DISTINCT department ${heard("department")} ORDER BY department LIMIT 1000`,
};

export const SITE_VARIABLE: VariableSpec = {
  name: "site",
  label: { zh: "站点", en: "Site" },
  sql: `SELECT DISTINCT site AS value, ${siteName("site")} AS label ${heard("site")} ORDER BY value LIMIT 1000`,
};

export const SERVICE_VARIABLE: VariableSpec = {
  name: "service",
  label: { zh: "服务", en: "Service" },
  sql: `SELECT DISTINCT service ${heard("service", `${among("site", "site")} AND ${among("department", "department")}`)} ORDER BY service LIMIT 5000`,
};
