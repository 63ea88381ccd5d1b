import { KAFKA_VARIABLES } from "@yunwei/bus";
import { DEVICE_DOOR_VARIABLES, RELAY_VARIABLES, RETENTION_VARIABLES } from "@yunwei/ingest";
import { type Static, Type } from "typebox";

const Port = (fallback: number, description: string) => Type.Integer({ minimum: 0, maximum: 65535, default: fallback, description });

/** Variables of the standalone process; docs/config.md lists the same (tested). Everything has a default: the first run needs nothing. */
export const StandaloneConfig = Type.Object({
  YUNWEI_DATA: Type.String({ default: "./data", description: "Data folder; also --data." }),
  YUNWEI_HOST: Type.String({ default: "127.0.0.1", description: "Address to listen on. Others can reach us only when you change it." }),
  YUNWEI_HTTP_PORT: Port(8600, "Console and API. A taken default port is replaced by the next free one; a port that you set is not."),
  YUNWEI_OTLP_PORT: Port(4318, "OTLP/HTTP."),
  YUNWEI_GRPC_PORT: Port(4317, "OTLP/gRPC."),
  ...DEVICE_DOOR_VARIABLES,
  YUNWEI_PUBLIC_URL: Type.String({
    default: "",
    description: "Address of the console as people reach it, for links in notifications; default: the address we listen on.",
  }),
  YUNWEI_LOG_LEVEL: Type.Enum(["trace", "debug", "info", "warn", "error", "silent"], { default: "info", description: "How much the log says." }),
  YUNWEI_LOG: Type.Enum(["file", "stderr"], {
    default: "file",
    description: "Where the log goes: yunwei.log in the data folder, or stderr (for a service manager).",
  }),
  YUNWEI_ADMIN_PASSWORD: Type.String({ default: "", description: "Password of `admin` for the first start only; default: a random one, printed once." }),
  YUNWEI_SITE: Type.String({ default: "local", description: "Site id of this machine's own telemetry." }),
  YUNWEI_HOST_METRICS: Type.Boolean({ default: true, description: "Send this machine's own metrics." }),
  YUNWEI_MAX_SERIES_PER_METRIC: Type.Integer({
    minimum: 1,
    maximum: 2_000_000,
    default: 200_000,
    description: "New series that one token may bring of one metric in a day; points of further ones are left out.",
  }),
  YUNWEI_SELF_TELEMETRY: Type.Boolean({ default: true, description: "Send our own metrics and traces to ourselves." }),
  YUNWEI_TELEMETRY_INTERVAL_MS: Type.Integer({
    minimum: 1_000,
    maximum: 300_000,
    default: 10_000,
    description: "How often our own and this machine's metrics are sent.",
  }),
  YUNWEI_KAFKA_BROKERS: Type.String({ default: "", description: "host:port,host:port of a Kafka to run on; default: the embedded bus." }),
  ...KAFKA_VARIABLES,
  ...RELAY_VARIABLES,
  ...RETENTION_VARIABLES,
  YUNWEI_POSTGRES_URL: Type.String({ default: "", description: "PostgreSQL to run on; default: the embedded one." }),
});
export type StandaloneConfig = Static<typeof StandaloneConfig>;
