import type { IncidentMessage, IncidentSnapshot, RcaReport } from "@yunwei/schemas";
import { contentId } from "@yunwei/service-kit";
import type { Incident } from "./incident.ts";
import { type ClockName, readClock } from "./incident-clock.ts";
import type { LogEntry } from "./incident-fold.ts";

/** The incident as others see it, with its clocks read at `nowMs`. */
export function snapshotOf(incident: Incident, report: RcaReport | undefined, nowMs: number): IncidentSnapshot {
  return {
    incidentId: incident.incidentId,
    number: incident.number,
    state: incident.state,
    priority: incident.priority,
    impact: incident.impact,
    urgency: incident.urgency,
    major: incident.major,
    title: { ...incident.title },
    ...given("groupId", incident.groupId),
    startedAt: iso(incident.startedAtMs),
    detectedAt: iso(incident.detectedAtMs),
    createdAt: iso(incident.createdAtMs),
    ...given("acknowledgedAt", isoIfGiven(incident.acknowledgedAtMs)),
    ...given("restoredAt", isoIfGiven(incident.restoredAtMs)),
    ...given("resolvedAt", isoIfGiven(incident.resolvedAtMs)),
    ...given("assignee", incident.assignee),
    ...given("assigneeGroup", incident.assigneeGroup),
    sites: [...incident.sites],
    services: [...incident.services],
    departments: [...incident.departments],
    respond: clockOf("respond", incident, nowMs),
    restore: clockOf("restore", incident, nowMs),
    alertCount: incident.alertCount,
    reopenCount: incident.reopenCount,
    ...given("report", report),
  };
}

/** One entry of the log as a bus message. */
export function messageOf(entry: LogEntry, incident: Incident, report: RcaReport | undefined): IncidentMessage {
  return {
    messageId: contentId("incident", entry.incidentId, entry.seq),
    incidentId: entry.incidentId,
    seq: entry.seq,
    event: entry.event,
    ...given("from", entry.from),
    to: entry.to,
    actor: entry.actor,
    at: iso(entry.atMs),
    ...given("eventTimeUnixNano", entry.eventTimeUnixNano),
    fields: { ...entry.fields },
    incident: snapshotOf(incident, report, entry.atMs),
  };
}

function clockOf(clock: ClockName, incident: Incident, nowMs: number): IncidentSnapshot["respond"] {
  const { targetMs, elapsedMs, state, breached, dueAtMs } = readClock(clock, incident, nowMs);
  return { targetMs, elapsedMs, state, breached, ...given("dueAt", isoIfGiven(dueAtMs)) };
}

function given<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: V };
}

function isoIfGiven(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
