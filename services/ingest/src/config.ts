import { KAFKA_DRIVERS, SASL_MECHANISMS } from "@yunwei/bus";
import { type Static, Type } from "typebox";
import { RETENTION_VARIABLES } from "./retention/retention-config.ts";

const Port = (fallback: number, description: string) => Type.Integer({ minimum: 0, maximum: 65535, default: fallback, description });

/** Variables of an ingest process; docs/operations/ingest-processes.md lists the same (tested). */
export const IngestConfig = Type.Object({
  YUNWEI_INGEST_ROLE: Type.Enum(["gateway", "writer", "both"], {
    default: "both",
    description: "What this process does: take telemetry in, bring it from Kafka to ClickHouse, or both.",
  }),
  YUNWEI_KAFKA_BROKERS: Type.String({ default: "", description: "host:port,host:port of the Kafka brokers. Must be set." }),
  YUNWEI_KAFKA_DRIVER: Type.Enum([...KAFKA_DRIVERS], {
    default: "platformatic",
    description: "Kafka client: platformatic for brokers from 4.0 on, kafkajs for older ones.",
  }),
  YUNWEI_KAFKA_INSTANCE_ID: Type.String({
    default: "",
    description: "Name that this process alone has and keeps: a quick restart then moves no partition (platformatic only).",
  }),
  YUNWEI_KAFKA_TLS: Type.Boolean({
    default: false,
    description: "TLS to Kafka with the authorities that Node trusts; a CA or certificate below says so by itself.",
  }),
  YUNWEI_KAFKA_TLS_CA: Type.String({ default: "", description: "PEM file of the authorities to trust for Kafka." }),
  YUNWEI_KAFKA_TLS_CERT: Type.String({ default: "", description: "PEM file of our certificate for Kafka, where the brokers ask for one." }),
  YUNWEI_KAFKA_TLS_KEY: Type.String({ default: "", description: "PEM file of its private key, without a pass phrase." }),
  YUNWEI_KAFKA_TLS_SERVERNAME: Type.String({ default: "", description: "Name in the brokers' certificate, where it is not the host in YUNWEI_KAFKA_BROKERS." }),
  YUNWEI_KAFKA_SASL_MECHANISM: Type.Enum(["none", ...SASL_MECHANISMS], {
    default: "none",
    description: "How to log in to Kafka: none, PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.",
  }),
  YUNWEI_KAFKA_SASL_USERNAME: Type.String({ default: "", description: "User for Kafka." }),
  YUNWEI_KAFKA_SASL_PASSWORD_FILE: Type.String({ default: "", description: "File that holds the password for Kafka." }),
  YUNWEI_KAFKA_DELIVERY_TIMEOUT_MS: Type.Integer({
    minimum: 1_000,
    maximum: 600_000,
    default: 8_000,
    description: "A request that Kafka has not taken after this long is answered 503; senders wait about 10 s for an answer.",
  }),
  YUNWEI_CLICKHOUSE_URL: Type.String({ default: "", description: "Address of ClickHouse's HTTP interface. Must be set for a writer." }),
  YUNWEI_CLICKHOUSE_USER: Type.String({ default: "default", description: "User there." }),
  YUNWEI_CLICKHOUSE_PASSWORD_FILE: Type.String({ default: "", description: "File with the password; default: no password." }),
  YUNWEI_CLICKHOUSE_DATABASE: Type.String({ default: "yunwei", pattern: "^[A-Za-z_][A-Za-z0-9_]*$", description: "Database; made when it is not there." }),
  ...RETENTION_VARIABLES,
  YUNWEI_INGEST_TOKENS: Type.String({
    default: "",
    description: "File of the tokens that may send (the form of ingest-tokens.json). Must be set for a gateway.",
  }),
  YUNWEI_HOST: Type.String({ default: "127.0.0.1", description: "Address to listen on." }),
  YUNWEI_OTLP_PORT: Port(4318, "OTLP/HTTP and Prometheus remote write; 0: any free one."),
  YUNWEI_GRPC_PORT: Port(4317, "OTLP/gRPC; 0: any free one."),
  YUNWEI_HEALTH_PORT: Port(8601, "GET /health of either role; 0: any free one."),
  YUNWEI_LOG_LEVEL: Type.Enum(["trace", "debug", "info", "warn", "error", "silent"], { default: "info", description: "How much the log on stderr says." }),
});
export type IngestConfig = Static<typeof IngestConfig>;
