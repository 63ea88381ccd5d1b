import type { RcaReport, Severity } from "@yunwei/schemas";
import { type Incident, SYSTEM } from "./incident.ts";
import type { CreatedFields, Intent } from "./incident-fold.ts";
import { REOPEN_WINDOW_MS } from "./incident-guards.ts";
import { impactOf, meetsMajorCriteria, priorityOf, rankOf, urgencyOf } from "./incident-priority.ts";
import { titleOf } from "./incident-title.ts";

const OPENING: ReadonlySet<Severity> = new Set(["critical", "major", "minor"]);
/** Keeps a province-wide fault from making records without end. */
const MAX_NAMES = 200;

/** Whether a report of a group without a living incident opens one. */
export function opensIncident(report: RcaReport): boolean {
  return report.groupState === "open" && OPENING.has(report.severity) && report.alertCount > 0;
}

/** Whether a report of a group whose newest incident is over must open another: its alerts had resolved and fire again. */
export function opensRecurrence(incident: Incident, report: RcaReport, nowMs: number): boolean {
  if (incident.groupState !== "resolved" || !opensIncident(report)) return false;
  const over = incident.state === "closed" || incident.state === "cancelled";
  return over || (incident.state === "resolved" && nowMs - (incident.resolvedAtMs ?? nowMs) > REOPEN_WINDOW_MS);
}

/** @param detectedAtMs - when the bus took the report, Unix milliseconds */
export function createdFields(report: RcaReport, ids: Pick<CreatedFields, "incidentId" | "number" | "recurrenceOf">, detectedAtMs: number): CreatedFields {
  const impact = impactOf(report);
  const urgency = urgencyOf(report.severity);
  const sites = names(report.impact.sites);
  return {
    ...ids,
    title: titleOf(report),
    impact,
    urgency,
    groupId: report.groupId,
    startedAtMs: Number(BigInt(report.startedUnixNano) / 1_000_000n),
    detectedAtMs,
    sites,
    services: names(report.impact.services),
    departments: names(report.impact.departments),
    alertCount: report.alertCount,
    majorCriteriaMet: meetsMajorCriteria(priorityOf(impact, urgency), sites),
  };
}

/**
 * What a report means for an incident that is open (in any state up to `resolved`), in the order in which it is to be
 * recorded. Pure; an empty list means that only the attached report is replaced.
 */
export function intentsOfReport(incident: Incident, report: RcaReport, nowMs: number): Intent[] {
  return [...causeIntents(incident, report), ...alertIntents(incident, report), ...groupIntents(incident, report, nowMs)];
}

/** What a report names: `entity|mode`, `external_load`, or "" when it does not know. */
export function causeOf(report: RcaReport): string {
  if (report.verdict === "external_load") return "external_load";
  const cause = report.verdict === "cause" ? report.causes[0] : undefined;
  return cause === undefined ? "" : `${cause.entity}|${cause.mode}`;
}

function causeIntents(incident: Incident, report: RcaReport): Intent[] {
  const cause = causeOf(report);
  const known = incident.namedCause;
  if (cause === (known ?? "")) return [];
  const fields = { cause, previous: known ?? "", confidence: report.confidence, revision: report.revision, title: titleOf(report) };
  return [system(known === undefined ? "name_cause" : "change_cause", fields, report.generatedUnixNano)];
}

/** A fault that spreads raises the priority; one that shrinks does not lower it: that is for a person to say. */
function alertIntents(incident: Incident, report: RcaReport): Intent[] {
  const impact = Math.min(incident.impact, impactOf(report));
  const urgency = Math.min(incident.urgency, urgencyOf(report.severity));
  const fields = {
    alertCount: report.alertCount,
    impact,
    urgency,
    priority: priorityOf(impact, urgency),
    sites: names([...incident.sites, ...report.impact.sites]),
    services: names([...incident.services, ...report.impact.services]),
    departments: names([...incident.departments, ...report.impact.departments]),
  };
  const priority = rankOf(fields.priority) < rankOf(incident.priority) ? fields.priority : incident.priority;
  const grown = (["sites", "services", "departments"] as const).some((name) => fields[name].length !== incident[name].length);
  const same = fields.alertCount === incident.alertCount && impact === incident.impact && urgency === incident.urgency;
  // Firing again in a state that does not change by it must be recorded too, or the next "all resolved" would be missed.
  const again = report.groupState === "open" && incident.groupState === "resolved" && incident.state !== "mitigated" && incident.state !== "resolved";
  if (same && !grown && !again) return [];
  const all = { ...fields, priority, previousPriority: incident.priority, ...(again ? { groupState: "open" } : {}) };
  return [system("change_alerts", all, report.generatedUnixNano)];
}

function groupIntents(incident: Incident, report: RcaReport, nowMs: number): Intent[] {
  if (report.groupState === incident.groupState) return [];
  if (report.groupState === "resolved") {
    const time = report.resolvedUnixNano ?? report.generatedUnixNano;
    const resolved = system("resolve_alerts", {}, time);
    if (incident.state === "mitigated" || incident.state === "resolved") return [resolved];
    return [resolved, system("mitigate", { serviceRestoredAt: new Date(nowMs).toISOString(), workaround: "alerts_resolved" }, time)];
  }
  const again = { groupState: "open", reason: "alerts_fire_again" };
  if (incident.state === "mitigated") return [system("regress", again, report.generatedUnixNano)];
  return incident.state === "resolved" ? [system("reopen", again, report.generatedUnixNano)] : [];
}

function system(event: Intent["event"], fields: Readonly<Record<string, unknown>>, eventTimeUnixNano: string): Intent {
  return { event, actor: SYSTEM, fields, eventTimeUnixNano };
}

function names(values: readonly string[]): string[] {
  return [...new Set(values)]
    .filter((value) => value !== "")
    .sort()
    .slice(0, MAX_NAMES);
}
