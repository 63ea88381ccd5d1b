import { type Static, Type } from "typebox";
import { UnixNano } from "../scalars.ts";
import { RcaReport } from "./rca-report.ts";

export const INCIDENT_TOPIC = "yunwei.incident";

const State = Type.Union([
  Type.Literal("new"),
  Type.Literal("assigned"),
  Type.Literal("in_progress"),
  Type.Literal("pending"),
  Type.Literal("mitigated"),
  Type.Literal("resolved"),
  Type.Literal("closed"),
  Type.Literal("merged"),
  Type.Literal("cancelled"),
]);
export type IncidentState = Static<typeof State>;

const Priority = Type.Union([Type.Literal("P1"), Type.Literal("P2"), Type.Literal("P3"), Type.Literal("P4")]);
export type IncidentPriority = Static<typeof Priority>;

const Instant = Type.String({ format: "date-time" });

/** A clock of the incident. `elapsedMs` excludes pauses; `dueAt` absent = no target. */
const Clock = Type.Object({
  targetMs: Type.Integer(),
  elapsedMs: Type.Integer(),
  state: Type.Union([Type.Literal("running"), Type.Literal("paused"), Type.Literal("stopped")]),
  breached: Type.Boolean(),
  dueAt: Type.Optional(Instant),
});

/** The incident as it stands after an event. Process times are our own clock (UTC ISO 8601); `startedAt` is event time. */
export const IncidentSnapshot = Type.Object({
  incidentId: Type.String(),
  /** Short number for people, e.g. `INC-000123`. */
  number: Type.String(),
  state: State,
  priority: Priority,
  impact: Type.Integer({ minimum: 1, maximum: 4 }),
  urgency: Type.Integer({ minimum: 1, maximum: 3 }),
  major: Type.Boolean(),
  title: Type.Object({ zh: Type.String(), en: Type.String() }),
  groupId: Type.Optional(Type.String()),
  startedAt: Instant,
  detectedAt: Instant,
  createdAt: Instant,
  acknowledgedAt: Type.Optional(Instant),
  restoredAt: Type.Optional(Instant),
  resolvedAt: Type.Optional(Instant),
  assignee: Type.Optional(Type.String()),
  assigneeGroup: Type.Optional(Type.String()),
  sites: Type.Array(Type.String()),
  services: Type.Array(Type.String()),
  departments: Type.Array(Type.String()),
  respond: Clock,
  restore: Clock,
  alertCount: Type.Integer(),
  reopenCount: Type.Integer(),
  report: Type.Optional(RcaReport),
});
export type IncidentSnapshot = Static<typeof IncidentSnapshot>;

/**
 * One entry of an incident's immutable event log, with the incident as it stands after it. Producer: itsm.
 * Key: `incidentId`. `messageId` is derived from (incidentId, seq).
 */
export const IncidentMessage = Type.Object({
  messageId: Type.String(),
  incidentId: Type.String(),
  seq: Type.Integer({ minimum: 1 }),
  /** `created`, `cause_named`, `cause_changed`, `alerts_changed`, `acknowledged`, `assigned`, ..., `respond_breached`. */
  event: Type.String(),
  from: Type.Optional(State),
  to: State,
  actor: Type.String(),
  at: Instant,
  eventTimeUnixNano: Type.Optional(UnixNano),
  fields: Type.Record(Type.String(), Type.Unknown()),
  incident: IncidentSnapshot,
});
export type IncidentMessage = Static<typeof IncidentMessage>;
