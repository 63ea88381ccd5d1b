/** Topic names and encoding of the OpenTelemetry Collector's Kafka exporter: one message is one Export request (`otlp_proto`). */
export const OTLP_METRICS_TOPIC = "otlp_metrics";
export const OTLP_LOGS_TOPIC = "otlp_logs";
export const OTLP_SPANS_TOPIC = "otlp_spans";

export type Signal = "metrics" | "logs" | "traces";

/**
 * Headers the gateway puts on a message. A message without them was written by a trusted Collector itself:
 * uncompressed protobuf whose resource attributes name its site, tier and department.
 */
export interface OtlpHeaders {
  /** Of the value: `gzip`, `zstd`; absent = none. */
  readonly "content-encoding"?: string;
  /** Id of the ingest token: the clock domain of the stream. */
  readonly "yunwei.source"?: string;
  /** What the token fixes; absent = the resource attributes of that name count. */
  readonly "yunwei.site"?: string;
  readonly "yunwei.tier"?: string;
  readonly "yunwei.department"?: string;
  /** When the gateway made it durable, Unix milliseconds. */
  readonly "yunwei.received-ms"?: string;
  /** How many items the gateway has accepted in it: the writer compares (docs/adr/0007-loss-accounting.md). */
  readonly "yunwei.items"?: string;
}
