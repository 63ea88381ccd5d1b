import { type Static, Type } from "typebox";
import { EVIDENCE_FAMILIES } from "../evidence-family.ts";
import { EntityKeyString, UnixNano } from "../scalars.ts";

export const RCA_REPORT_TOPIC = "yunwei.rca-report";

/** Failure modes a candidate can have. The demo's fault kinds map onto these; so do real faults. */
export const CAUSE_MODES = [
  "cpu_saturation",
  "memory_exhaustion",
  "disk_full",
  "disk_slow",
  "process_crash",
  "slow_self",
  "error_self",
  "network_delay",
  "network_loss",
  "link_down",
  "power_loss",
  "bad_change",
  "certificate_expired",
  "lock_contention",
] as const;
export type CauseMode = (typeof CAUSE_MODES)[number];

const Evidence = Type.Object({
  family: Type.Enum(EVIDENCE_FAMILIES),
  entity: EntityKeyString,
  metric: Type.String(),
  unit: Type.String(),
  seriesId: Type.String(),
  onsetUnixNano: UnixNano,
  value: Type.Number(),
  expected: Type.Number(),
  score: Type.Number(),
  direction: Type.Union([Type.Literal("up"), Type.Literal("down"), Type.Literal("absent")]),
  /** How much this item adds to (or, when negative, takes from) the log odds of the candidate. */
  weight: Type.Number(),
});
export type EvidenceItem = Static<typeof Evidence>;

const CauseSchema = Type.Object({
  entity: EntityKeyString,
  edge: Type.Optional(Type.Object({ from: EntityKeyString, to: EntityKeyString })),
  mode: Type.Enum(CAUSE_MODES),
  site: Type.String(),
  /** 0..1, calibrated together with `confidence` of the report; ranks are by this. */
  score: Type.Number({ minimum: 0, maximum: 1 }),
  evidence: Type.Array(Evidence),
  contradicting: Type.Array(Evidence),
  /** Entities from the candidate to the loudest symptom, candidate first. */
  path: Type.Array(EntityKeyString),
  /** Share of the symptoms that this candidate reaches along the graph, 0..1. */
  coverage: Type.Number({ minimum: 0, maximum: 1 }),
  /** A change that fits in time, place and kind; absent = "no change is guilty". */
  changeId: Type.Optional(Type.String()),
});
export type Cause = Static<typeof CauseSchema>;

/**
 * What caused an alert group, or the honest answer that it is not known. Producer: rca. Key: `groupId`.
 * The newest `revision` replaces the older ones. Deterministic: same inputs, same report.
 */
export const RcaReport = Type.Object({
  messageId: Type.String(),
  groupId: Type.String(),
  revision: Type.Integer({ minimum: 1 }),
  /** `cause`: causes[0] is named. `external_load`: traffic rose and nothing inside is at fault. `undetermined`: said so. */
  verdict: Type.Union([Type.Literal("cause"), Type.Literal("external_load"), Type.Literal("undetermined")]),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  causes: Type.Array(CauseSchema, { maxItems: 10 }),
  groupState: Type.Union([Type.Literal("open"), Type.Literal("resolved")]),
  severity: Type.Union([Type.Literal("critical"), Type.Literal("major"), Type.Literal("minor"), Type.Literal("info")]),
  startedUnixNano: UnixNano,
  generatedUnixNano: UnixNano,
  resolvedUnixNano: Type.Optional(UnixNano),
  alertCount: Type.Integer(),
  impact: Type.Object({
    services: Type.Array(Type.String()),
    departments: Type.Array(Type.String()),
    sites: Type.Array(Type.String()),
    entityCount: Type.Integer(),
  }),
  /** The part of the graph between causes and symptoms, at most 60 nodes. */
  graph: Type.Object({
    nodes: Type.Array(
      Type.Object({
        entity: EntityKeyString,
        site: Type.String(),
        role: Type.Union([Type.Literal("cause"), Type.Literal("symptom"), Type.Literal("between")]),
        score: Type.Number(),
      }),
    ),
    edges: Type.Array(Type.Object({ from: EntityKeyString, to: EntityKeyString, relation: Type.String() })),
  }),
  /** Changes of the last two hours near the group, guilty or not. */
  changes: Type.Array(
    Type.Object({
      changeId: Type.String(),
      title: Type.String(),
      kind: Type.String(),
      entity: EntityKeyString,
      startedUnixNano: UnixNano,
      suspected: Type.Boolean(),
      reason: Type.String(),
    }),
  ),
  source: Type.String(),
});
export type RcaReport = Static<typeof RcaReport>;
