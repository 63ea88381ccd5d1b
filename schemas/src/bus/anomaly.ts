import { type Static, Type } from "typebox";
import { ENTITY_TYPES } from "../entity.ts";
import { EVIDENCE_FAMILIES } from "../evidence-family.ts";
import { EntityKeyString, Hex64, UnixNano } from "../scalars.ts";

export const ANOMALY_TOPIC = "yunwei.anomaly";

/**
 * One deviation of one series, told at its opening, at points while it lasts, and at its closing.
 * Producer: anomaly. Key: `entity`, so that an entity stays in order. A deviation is a finding, not an alert:
 * policies decide what may page. Redelivery is normal: `messageId` is derived from (anomalyId, state, timeUnixNano).
 */
export const Anomaly = Type.Object({
  messageId: Type.String(),
  /** Derived from (seriesId, onsetUnixNano, detector): the same from open to close. */
  anomalyId: Type.String(),
  state: Type.Union([Type.Literal("open"), Type.Literal("update"), Type.Literal("close")]),
  detector: Type.Union([
    Type.Literal("deviation"), // fast change against the prediction
    Type.Literal("drift"), // slow sustained change (CUSUM)
    Type.Literal("limit"), // a hard limit that needs no history (disk full, certificate)
    Type.Literal("absence"), // the series stopped
  ]),
  seriesId: Hex64,
  metric: Type.String(),
  unit: Type.String(),
  family: Type.Enum(EVIDENCE_FAMILIES),
  entity: EntityKeyString,
  entityType: Type.Enum(ENTITY_TYPES),
  /** `service.name` when the series belongs to one, else "". */
  service: Type.String(),
  site: Type.String(),
  tier: Type.String(),
  department: Type.String(),
  /** Point attributes that tell this series from its siblings (mount point, device, direction). */
  labels: Type.Record(Type.String(), Type.String()),
  /** Both ends for the families on the wire. */
  edge: Type.Optional(Type.Object({ from: EntityKeyString, to: EntityKeyString })),
  /** Time of the newest point told of here. Event time: the data's own clock, not ours. */
  timeUnixNano: UnixNano,
  /** Estimated start of the deviation: at or before the point that opened it. */
  onsetUnixNano: UnixNano,
  value: Type.Number(),
  expected: Type.Number(),
  lower: Type.Number(),
  upper: Type.Number(),
  /** Robust z of the newest point, dimensionless, >= 0. */
  score: Type.Number({ minimum: 0 }),
  peakScore: Type.Number({ minimum: 0 }),
  direction: Type.Union([Type.Literal("up"), Type.Literal("down"), Type.Literal("absent")]),
  /** Whether this direction of this metric means harm (traits of the metric). */
  harmful: Type.Boolean(),
  /** False while the series has too short a history for the band to be trusted. */
  mature: Type.Boolean(),
  /** Id of the ingest token: the clock domain. */
  source: Type.String(),
});
export type Anomaly = Static<typeof Anomaly>;
