import { ALERT_GROUP_TOPIC } from "./bus/alert-group.ts";
import { ANOMALY_TOPIC } from "./bus/anomaly.ts";
import { CHANGE_TOPIC } from "./bus/change.ts";
import { INCIDENT_TOPIC } from "./bus/incident.ts";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC } from "./bus/otlp.ts";
import { RCA_REPORT_TOPIC } from "./bus/rca-report.ts";

/** Who writes and who reads a topic. A test proves: one producer each, and no cycle but the change feed. */
export interface TopicContract {
  readonly name: string;
  readonly producer: string;
  readonly consumers: readonly string[];
  readonly partitions: number;
  readonly retentionHours: number;
  readonly retentionBytes: number;
}

const MIB = 1024 * 1024;
const telemetry = (name: string, consumers: readonly string[]): TopicContract => ({
  name,
  producer: "ingest-gateway",
  consumers,
  partitions: 2,
  retentionHours: 24,
  retentionBytes: 2048 * MIB,
});
const findings = (name: string, producer: string, consumers: readonly string[]): TopicContract => ({
  name,
  producer,
  consumers,
  partitions: 1,
  retentionHours: 168,
  retentionBytes: 512 * MIB,
});
const deadLetters = (name: string): TopicContract => ({
  name: `${name}.dlq`,
  producer: "ingest-writer",
  consumers: ["ingest-dlq-desk"],
  partitions: 1,
  retentionHours: 336,
  retentionBytes: 256 * MIB,
});

export const TOPICS: readonly TopicContract[] = [
  telemetry(OTLP_METRICS_TOPIC, ["ingest-writer", "anomaly"]),
  telemetry(OTLP_LOGS_TOPIC, ["ingest-writer", "anomaly"]),
  telemetry(OTLP_SPANS_TOPIC, ["ingest-writer", "anomaly"]),
  deadLetters(OTLP_METRICS_TOPIC),
  deadLetters(OTLP_LOGS_TOPIC),
  deadLetters(OTLP_SPANS_TOPIC),
  findings(ANOMALY_TOPIC, "anomaly", ["alerting", "rca"]),
  findings(ALERT_GROUP_TOPIC, "alerting", ["rca"]),
  findings(RCA_REPORT_TOPIC, "rca", ["itsm"]),
  findings(INCIDENT_TOPIC, "itsm", ["notify"]),
  findings(CHANGE_TOPIC, "itsm", ["rca"]),
];
