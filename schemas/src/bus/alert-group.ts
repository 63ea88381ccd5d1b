import { type Static, Type } from "typebox";
import { EVIDENCE_FAMILIES } from "../evidence-family.ts";
import { EntityKeyString, Hex64, UnixNano } from "../scalars.ts";

export const ALERT_GROUP_TOPIC = "yunwei.alert-group";

export type Severity = "critical" | "major" | "minor" | "info";
export type ConditionState = "pending" | "firing" | "recovering" | "resolved" | "no_data";

const SeveritySchema = Type.Union([Type.Literal("critical"), Type.Literal("major"), Type.Literal("minor"), Type.Literal("info")]);

/** One alert as others see it. Times are event time. */
export const AlertSummary = Type.Object({
  alertId: Type.String(),
  policyId: Type.String(),
  condition: Type.Union([Type.Literal("pending"), Type.Literal("firing"), Type.Literal("recovering"), Type.Literal("resolved"), Type.Literal("no_data")]),
  severity: SeveritySchema,
  entity: EntityKeyString,
  service: Type.String(),
  site: Type.String(),
  tier: Type.String(),
  department: Type.String(),
  metric: Type.String(),
  unit: Type.String(),
  seriesId: Hex64,
  family: Type.Enum(EVIDENCE_FAMILIES),
  labels: Type.Record(Type.String(), Type.String()),
  edge: Type.Optional(Type.Object({ from: EntityKeyString, to: EntityKeyString })),
  value: Type.Number(),
  expected: Type.Number(),
  lower: Type.Number(),
  upper: Type.Number(),
  peakScore: Type.Number(),
  direction: Type.Union([Type.Literal("up"), Type.Literal("down"), Type.Literal("absent")]),
  startedUnixNano: UnixNano,
  firedUnixNano: UnixNano,
  resolvedUnixNano: Type.Optional(UnixNano),
});
export type AlertSummary = Static<typeof AlertSummary>;

/**
 * Alerts that belong together by time and topology. Producer: alerting. Key: `groupId`. Every message carries the whole
 * group, so the newest `revision` replaces the older ones. `messageId` is derived from (groupId, revision).
 */
export const AlertGroupMessage = Type.Object({
  messageId: Type.String(),
  groupId: Type.String(),
  revision: Type.Integer({ minimum: 1 }),
  state: Type.Union([Type.Literal("open"), Type.Literal("resolved")]),
  severity: SeveritySchema,
  /** Event time of the first alert's start, of the newest change, and of the resolution. */
  startedUnixNano: UnixNano,
  updatedUnixNano: UnixNano,
  resolvedUnixNano: Type.Optional(UnixNano),
  /** At most 500, most severe first; `alertCount` counts all. */
  alerts: Type.Array(AlertSummary, { maxItems: 500 }),
  alertCount: Type.Integer({ minimum: 0 }),
  sites: Type.Array(Type.String()),
  departments: Type.Array(Type.String()),
  /** Why the members were joined, one sentence each, newest last, at most 20. */
  joins: Type.Array(Type.String()),
  source: Type.String(),
});
export type AlertGroupMessage = Static<typeof AlertGroupMessage>;
