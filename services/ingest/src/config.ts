import { KAFKA_VARIABLES } from "@yunwei/bus";
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
  ...KAFKA_VARIABLES,
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
