import { type IncidentState, YunweiError } from "@yunwei/schemas";
import type { Actor, Incident } from "./incident.ts";
import { GUARDS, type Guard } from "./incident-guards.ts";

/** What may happen to an incident, and the name under which the log keeps it. */
export const RECORDED_AS = {
  create: "created",
  assign: "assigned",
  acknowledge: "acknowledged",
  wait: "waiting",
  resume: "resumed",
  mitigate: "mitigated",
  regress: "regressed",
  resolve: "resolved",
  reopen: "reopened",
  close: "closed",
  merge: "merged",
  cancel: "cancelled",
  declare_major: "major_declared",
  revoke_major: "major_revoked",
  respond_warn: "respond_warned",
  respond_breach: "respond_breached",
  restore_warn: "restore_warned",
  restore_breach: "restore_breached",
  name_cause: "cause_named",
  change_cause: "cause_changed",
  change_alerts: "alerts_changed",
  resolve_alerts: "alerts_resolved",
} as const;
export type IncidentEvent = keyof typeof RECORDED_AS;
export const INCIDENT_EVENTS = Object.keys(RECORDED_AS) as readonly IncidentEvent[];

/** One legal move. A (state, event) pair without a row is refused. */
export interface Move {
  readonly from: readonly (IncidentState | "none")[];
  readonly event: IncidentEvent;
  /** "same" = the state stays; the event is recorded all the same. */
  readonly to: IncidentState | "same";
  readonly by: "person" | "system" | "anyone";
  /** Fields that must be there, of a person; the system gives its own. `a|b` = one of the two. */
  readonly requires?: readonly string[];
  /** Conditions on the incident; a row whose `when` does not hold is passed over. */
  readonly when?: (incident: Incident) => boolean;
  /** What refuses with a reason and depends on the incident alone: such a move is not offered either. */
  readonly conditions?: readonly Guard[];
  /** What refuses with a reason and depends on the fields or the time. */
  readonly guards?: readonly Guard[];
}

const WORKING = ["new", "assigned", "in_progress", "pending", "mitigated"] as const;
/** States in which the incident still belongs to somebody. */
export const OPEN_STATES = [...WORKING, "resolved"] as const;
const RUNNING = ["new", "assigned", "in_progress", "pending"] as const;

const acknowledged = (incident: Incident) => incident.acknowledgedAtMs !== undefined;
const assigned = (incident: Incident) => incident.assignee !== undefined || incident.assigneeGroup !== undefined;

/** The incident life cycle (ITIL 4 incident management; ISO/IEC 20000-1:2018, 8.6.1). The first row that fits counts. */
export const INCIDENT_MOVES: readonly Move[] = [
  { from: ["none"], event: "create", to: "new", by: "anyone", requires: ["title", "impact", "urgency"] },
  { from: ["new"], event: "assign", to: "assigned", by: "person", requires: ["assignee|assigneeGroup"] },
  { from: ["assigned", "in_progress", "pending", "mitigated"], event: "assign", to: "same", by: "person", requires: ["assignee|assigneeGroup"] },
  { from: ["new", "assigned"], event: "acknowledge", to: "in_progress", by: "person", requires: ["assignee"] },
  // Service came back before anybody looked: somebody may still take it, and nothing else changes.
  { from: ["mitigated"], event: "acknowledge", to: "same", by: "person", requires: ["assignee"], conditions: [GUARDS.notYetAcknowledged] },
  { from: ["in_progress"], event: "wait", to: "pending", by: "person", requires: ["reason", "resumeAt|condition"], conditions: [GUARDS.notP1] },
  { from: ["pending"], event: "resume", to: "in_progress", by: "anyone" },
  {
    from: ["in_progress"],
    event: "mitigate",
    to: "mitigated",
    by: "anyone",
    requires: ["serviceRestoredAt", "workaround"],
    guards: [GUARDS.restoredInThePast],
  },
  // All alerts are resolved: a fact that the system may record. It acknowledges nothing by that.
  { from: ["new", "assigned", "pending"], event: "mitigate", to: "mitigated", by: "system", requires: ["serviceRestoredAt", "workaround"] },
  { from: ["mitigated"], event: "regress", to: "in_progress", by: "anyone", when: acknowledged },
  { from: ["mitigated"], event: "regress", to: "assigned", by: "anyone", when: assigned },
  { from: ["mitigated"], event: "regress", to: "new", by: "anyone" },
  {
    from: ["in_progress", "mitigated"],
    event: "resolve",
    to: "resolved",
    by: "person",
    requires: ["resolutionCode", "causeCategory", "rootCause"],
    guards: [GUARDS.alertsResolvedOrExcused],
  },
  { from: ["resolved"], event: "reopen", to: "in_progress", by: "anyone", requires: ["reason"], guards: [GUARDS.withinReopenWindow] },
  { from: ["resolved"], event: "close", to: "closed", by: "anyone", guards: [GUARDS.reviewedIfMajor] },
  { from: WORKING, event: "merge", to: "merged", by: "person", requires: ["parentId"] },
  { from: ["new", "assigned"], event: "cancel", to: "cancelled", by: "person", requires: ["reason"] },
  {
    from: OPEN_STATES,
    event: "declare_major",
    to: "same",
    by: "person",
    requires: ["reason", "commander", "communicator", "scribe"],
    conditions: [GUARDS.notMajor],
  },
  { from: OPEN_STATES, event: "revoke_major", to: "same", by: "person", requires: ["reason"], conditions: [GUARDS.isMajor] },
  { from: ["new", "assigned"], event: "respond_warn", to: "same", by: "system" },
  { from: ["new", "assigned"], event: "respond_breach", to: "same", by: "system" },
  { from: RUNNING, event: "restore_warn", to: "same", by: "system" },
  { from: RUNNING, event: "restore_breach", to: "same", by: "system" },
  { from: OPEN_STATES, event: "name_cause", to: "same", by: "system" },
  { from: OPEN_STATES, event: "change_cause", to: "same", by: "system" },
  { from: OPEN_STATES, event: "change_alerts", to: "same", by: "system" },
  { from: OPEN_STATES, event: "resolve_alerts", to: "same", by: "system" },
];

/**
 * Where `event` leads. Pure.
 * @param incident - undefined before its creation
 * @param fields - of the event
 * @throws YunweiError YUNWEI_INCIDENT_MOVE (no such row, or a guard refuses; names the legal moves),
 *   YUNWEI_INCIDENT_FIELDS (fields are missing; names them)
 */
export function move(
  incident: Incident | undefined,
  event: IncidentEvent,
  actor: Actor,
  fields: Readonly<Record<string, unknown>>,
  nowMs: number,
): IncidentState {
  const from = incident?.state ?? "none";
  const row = INCIDENT_MOVES.find((candidate) => fits(candidate, incident, from, event, actor));
  if (row === undefined) throw refusal(incident, event, actor, undefined);
  const missing = (row.requires ?? []).filter((names) => !names.split("|").some((name) => isGiven(fields[name])));
  if (missing.length > 0) {
    throw new YunweiError("YUNWEI_INCIDENT_FIELDS", `To ${event} an incident, also say: ${missing.map((names) => names.replace("|", " or ")).join(", ")}.`, {
      details: { missing },
    });
  }
  if (incident !== undefined) {
    for (const guard of [...(row.conditions ?? []), ...(row.guards ?? [])]) {
      const reason = guard(incident, fields, nowMs);
      if (reason !== undefined) throw refusal(incident, event, actor, reason);
    }
  }
  return row.to === "same" ? (from as IncidentState) : row.to;
}

/** What `actor` may do next, for buttons and refusals; what depends on fields or the time is not asked. */
export function legalMoves(incident: Incident, actor: Actor): IncidentEvent[] {
  const offered = (row: Move) => (row.conditions ?? []).every((condition) => condition(incident, {}, 0) === undefined);
  return INCIDENT_EVENTS.filter((event) => INCIDENT_MOVES.some((row) => fits(row, incident, incident.state, event, actor) && offered(row)));
}

function fits(row: Move, incident: Incident | undefined, from: IncidentState | "none", event: IncidentEvent, actor: Actor): boolean {
  const whoFits = row.by === "anyone" || row.by === actor.kind;
  return row.event === event && whoFits && row.from.includes(from) && (row.when === undefined || (incident !== undefined && row.when(incident)));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function refusal(incident: Incident | undefined, event: IncidentEvent, actor: Actor, reason: string | undefined): YunweiError {
  if (incident === undefined) return new YunweiError("YUNWEI_INCIDENT_MOVE", `There is no incident yet to ${event}.`);
  const legal = legalMoves(incident, actor);
  const why = reason ?? `in state ${incident.state}, ${event} is not possible`;
  return new YunweiError("YUNWEI_INCIDENT_MOVE", `${incident.number}: ${why}. Possible now: ${legal.join(", ") || "nothing"}.`, {
    details: { state: incident.state, event, legal },
  });
}
