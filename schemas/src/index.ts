export { ALERT_GROUP_TOPIC, AlertGroupMessage, AlertSummary, type ConditionState, type Severity } from "./bus/alert-group.ts";
export { ANOMALY_TOPIC, Anomaly } from "./bus/anomaly.ts";
export { CHANGE_TOPIC, ChangeMessage } from "./bus/change.ts";
export { INCIDENT_TOPIC, IncidentMessage, type IncidentPriority, IncidentSnapshot, type IncidentState } from "./bus/incident.ts";
export { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type OtlpHeaders, type Signal } from "./bus/otlp.ts";
export {
  CAUSE_MODES,
  type Cause,
  type CauseMode,
  type EvidenceItem,
  RCA_REPORT_TOPIC,
  RcaReport,
} from "./bus/rca-report.ts";
export { ENTITY_TYPES, type EntityKey, type EntityType, entityKeyOf, parseEntityKey } from "./entity.ts";
export { ERROR_CODES, type ErrorCode, YunweiError } from "./errors.ts";
export { EVIDENCE_FAMILIES, type EvidenceFamily, familyOfMetric, type MetricTraits } from "./evidence-family.ts";
export { EntityKeyString, Hex64, UnixNano } from "./scalars.ts";
export { ATTR, METRIC } from "./semconv.ts";
export { SITES, type Site, siteById, type Tier } from "./sites.ts";
export { TOPICS, type TopicContract } from "./topics.ts";
export { EN_WORDS } from "./words/en.ts";
export type { Words } from "./words/words.ts";
export { ZH_WORDS } from "./words/zh.ts";
