import { type IncidentPriority, type RcaReport, type Severity, siteById } from "@yunwei/schemas";

/** Rows: impact 1..4; columns: urgency 1..3. Total and monotone: wider or more urgent is never lower. */
const MATRIX: readonly (readonly [IncidentPriority, IncidentPriority, IncidentPriority])[] = [
  ["P1", "P1", "P2"],
  ["P1", "P2", "P3"],
  ["P2", "P3", "P4"],
  ["P3", "P4", "P4"],
];

/** From this many sites on the fault counts as one of the whole province. */
const PROVINCE_SITES = 5;
/** From this many departments on a fault in a core site counts as one of the core. */
const CORE_DEPARTMENTS = 2;
const CORE_SERVICES = 3;
const MANY_DEPARTMENTS = 3;

/** @param impact - 1..4; @param urgency - 1..3; values outside are clamped */
export function priorityOf(impact: number, urgency: number): IncidentPriority {
  const row = MATRIX[Math.min(Math.max(Math.trunc(impact), 1), 4) - 1]!;
  return row[Math.min(Math.max(Math.trunc(urgency), 1), 3) - 1]!;
}

/** The lower of the two is the more pressing one: for "has it risen?". */
export function rankOf(priority: IncidentPriority): number {
  return Number(priority[1]);
}

/** Critical = interrupted now, major = degraded, the rest = no effect at present. */
export function urgencyOf(severity: Severity): 1 | 2 | 3 {
  if (severity === "critical") return 1;
  return severity === "major" ? 2 : 3;
}

/**
 * How wide a fault reaches, from what the report found affected. 1 = province, or the core as a shared platform, or a
 * whole core site; 2 = a whole site, two or more sites, three or more departments, or a service in the core;
 * 3 = one service or department; 4 = a single resource. Monotone: more sites, services or departments never narrow it.
 */
export function impactOf(report: Pick<RcaReport, "impact" | "causes" | "verdict">): 1 | 2 | 3 | 4 {
  const sites = report.impact.sites.filter((site) => site !== "");
  const departments = report.impact.departments.filter((name) => name !== "").length;
  const services = report.impact.services.length;
  const cause = report.verdict === "cause" ? report.causes[0]?.entity : undefined;
  const wholeSite = cause?.startsWith("site:") ? cause.slice("site:".length) : undefined;
  const inCore = sites.some(isCore);
  if (sites.length >= PROVINCE_SITES || (wholeSite !== undefined && isCore(wholeSite))) return 1;
  if (inCore && (departments >= CORE_DEPARTMENTS || services >= CORE_SERVICES)) return 1;
  if (wholeSite !== undefined || sites.length >= 2 || departments >= MANY_DEPARTMENTS || (inCore && services >= 1)) return 2;
  return departments >= 1 || services >= 1 ? 3 : 4;
}

/** What would justify a major incident; declaring it stays with the duty manager. */
export function meetsMajorCriteria(priority: IncidentPriority, sites: readonly string[]): boolean {
  return priority === "P1" && (sites.length >= 2 || sites.some(isCore));
}

function isCore(site: string): boolean {
  return siteById(site)?.tier === "core";
}
