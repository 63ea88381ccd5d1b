import type { IncidentPriority, IncidentState } from "@yunwei/schemas";
import type { Actor, Incident, StateSpan, Text } from "./incident.ts";
import { type IncidentEvent, move, RECORDED_AS } from "./incident-lifecycle.ts";
import { priorityOf } from "./incident-priority.ts";

/** One line of the immutable event log. */
export interface LogEntry {
  readonly incidentId: string;
  /** 1, 2, 3 ... without a gap. */
  readonly seq: number;
  /** As recorded: `created`, `acknowledged`, ... */
  readonly event: string;
  readonly from?: IncidentState;
  readonly to: IncidentState;
  readonly actor: string;
  /** Process time, Unix milliseconds; never before the entry above it. */
  readonly atMs: number;
  readonly eventTimeUnixNano?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What somebody wants to happen. */
export interface Intent {
  readonly event: IncidentEvent;
  readonly actor: Actor;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly eventTimeUnixNano?: string;
}

/** Fields of `created`: all that is known of an incident when it opens. */
export interface CreatedFields {
  readonly incidentId: string;
  readonly number: string;
  readonly title: Text;
  readonly impact: number;
  readonly urgency: number;
  readonly groupId?: string;
  readonly recurrenceOf?: string;
  readonly startedAtMs: number;
  readonly detectedAtMs: number;
  readonly sites: readonly string[];
  readonly services: readonly string[];
  readonly departments: readonly string[];
  readonly alertCount: number;
  readonly majorCriteriaMet: boolean;
}

/**
 * Checks an intent against the life cycle and makes the log entry of it. Pure.
 * @throws YunweiError YUNWEI_INCIDENT_MOVE or YUNWEI_INCIDENT_FIELDS
 */
export function advance(incident: Incident | undefined, intent: Intent, nowMs: number): { readonly entry: LogEntry; readonly incident: Incident } {
  const to = move(incident, intent.event, intent.actor, intent.fields, nowMs);
  const previousMs = incident?.spans.at(-1)?.atMs ?? nowMs;
  const entry: LogEntry = {
    incidentId: incident?.incidentId ?? String(intent.fields["incidentId"]),
    seq: (incident?.seq ?? 0) + 1,
    event: RECORDED_AS[intent.event],
    ...(incident === undefined ? {} : { from: incident.state }),
    to,
    actor: intent.actor.name,
    // A clock set back must not make the log run backwards.
    atMs: Math.max(nowMs, previousMs),
    ...(intent.eventTimeUnixNano === undefined ? {} : { eventTimeUnixNano: intent.eventTimeUnixNano }),
    fields: intent.fields,
  };
  return { entry, incident: applyEntry(incident, entry) };
}

/** The incident after one more entry. Folding a whole log from the start gives the incident as it is stored. Pure. */
export function applyEntry(incident: Incident | undefined, entry: LogEntry): Incident {
  if (incident === undefined) return created(entry);
  const changes: Partial<Mutable<Incident>> = { ...(EFFECTS[entry.event]?.(incident, entry) ?? {}), seq: entry.seq, state: entry.to };
  const next = withoutUndefined({ ...incident, ...changes });
  const acknowledged = next.acknowledgedAtMs !== undefined;
  const last = incident.spans.at(-1)!;
  if (last.state === entry.to && last.acknowledged === acknowledged) return next;
  return { ...next, spans: [...incident.spans, spanOf(entry, acknowledged)] };
}

function withoutUndefined(incident: Incident): Incident {
  return Object.fromEntries(Object.entries(incident).filter(([, value]) => value !== undefined)) as unknown as Incident;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Effect = (incident: Incident, entry: LogEntry) => Partial<Mutable<Incident>>;

function created(entry: LogEntry): Incident {
  const fields = entry.fields as unknown as CreatedFields;
  return {
    incidentId: entry.incidentId,
    number: fields.number,
    seq: entry.seq,
    state: entry.to,
    priority: priorityOf(fields.impact, fields.urgency),
    impact: fields.impact,
    urgency: fields.urgency,
    major: false,
    title: fields.title,
    ...(fields.groupId === undefined ? {} : { groupId: fields.groupId, groupState: "open" as const }),
    ...(fields.recurrenceOf === undefined ? {} : { recurrenceOf: fields.recurrenceOf }),
    startedAtMs: fields.startedAtMs,
    detectedAtMs: fields.detectedAtMs,
    createdAtMs: entry.atMs,
    sites: fields.sites,
    services: fields.services,
    departments: fields.departments,
    alertCount: fields.alertCount,
    reopenCount: 0,
    reassignCount: 0,
    spans: [spanOf(entry, false)],
    clockEvents: [],
  };
}

function spanOf(entry: LogEntry, acknowledged: boolean): StateSpan {
  const span = { atMs: entry.atMs, state: entry.to, acknowledged };
  return entry.to === "pending" ? { ...span, waitReason: String(entry.fields["reason"]) } : span;
}

const text = (value: unknown) => String(value);
const acknowledgedNow = (incident: Incident, entry: LogEntry) => (incident.acknowledgedAtMs === undefined ? { acknowledgedAtMs: entry.atMs } : {});
const clockRang: Effect = (incident, entry) => ({ clockEvents: [...incident.clockEvents, CLOCK_EVENT_OF[entry.event]!] });
const causeTold: Effect = (_incident, { fields }) => ({ namedCause: text(fields["cause"]), title: fields["title"] as Text });

const CLOCK_EVENT_OF: Readonly<Record<string, string>> = {
  respond_warned: "respond_warn",
  respond_breached: "respond_breach",
  restore_warned: "restore_warn",
  restore_breached: "restore_breach",
};

/** What an entry changes beside the state. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  assigned: (incident, { fields }) => ({
    ...(fields["assignee"] === undefined ? {} : { assignee: text(fields["assignee"]) }),
    ...(fields["assigneeGroup"] === undefined ? {} : { assigneeGroup: text(fields["assigneeGroup"]) }),
    ...(incident.assignee === undefined && incident.assigneeGroup === undefined ? {} : { reassignCount: incident.reassignCount + 1 }),
  }),
  acknowledged: (incident, entry) => ({ ...acknowledgedNow(incident, entry), assignee: text(entry.fields["assignee"]) }),
  mitigated: (_incident, { fields }) => ({ restoredAtMs: Date.parse(text(fields["serviceRestoredAt"])) }),
  // Whoever resolves it has looked at it.
  resolved: (incident, entry) => ({
    ...acknowledgedNow(incident, entry),
    resolvedAtMs: entry.atMs,
    ...(incident.restoredAtMs === undefined ? { restoredAtMs: entry.atMs } : {}),
  }),
  regressed: (_incident, entry) => ({ ...cleared("restoredAtMs"), ...firing(entry) }),
  reopened: (incident, entry) => ({ ...cleared("restoredAtMs", "resolvedAtMs"), ...firing(entry), reopenCount: incident.reopenCount + 1 }),
  merged: (_incident, { fields }) => ({ parentId: text(fields["parentId"]) }),
  major_declared: () => ({ major: true }),
  major_revoked: () => ({ major: false }),
  respond_warned: clockRang,
  respond_breached: clockRang,
  restore_warned: clockRang,
  restore_breached: clockRang,
  cause_named: causeTold,
  cause_changed: causeTold,
  alerts_resolved: () => ({ groupState: "resolved" }),
  alerts_changed: (_incident, entry) => ({
    ...firing(entry),
    alertCount: Number(entry.fields["alertCount"]),
    impact: Number(entry.fields["impact"]),
    urgency: Number(entry.fields["urgency"]),
    priority: entry.fields["priority"] as IncidentPriority,
    sites: entry.fields["sites"] as string[],
    services: entry.fields["services"] as string[],
    departments: entry.fields["departments"] as string[],
  }),
};

/** Fields that no longer hold; `applyEntry` drops them from the record. */
function cleared(...names: ("restoredAtMs" | "resolvedAtMs")[]): Partial<Mutable<Incident>> {
  return Object.fromEntries(names.map((name) => [name, undefined])) as Partial<Mutable<Incident>>;
}

function firing(entry: LogEntry): Partial<Mutable<Incident>> {
  return entry.fields["groupState"] === "open" ? { groupState: "open" } : {};
}
