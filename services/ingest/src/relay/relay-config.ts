import { type KafkaConnection, readKafkaSecurity, SASL_MECHANISMS } from "@yunwei/bus";
import { YunweiError } from "@yunwei/schemas";
import { type Static, Type } from "typebox";
import type { BacklogLimits } from "./backlog-guard.ts";

const Amount = (fallback: number, description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: fallback, description });

/** Variables of a process that relays its telemetry to the core; docs/operations/city-relay.md explains them. */
export const RELAY_VARIABLES = {
  YUNWEI_RELAY_BROKERS: Type.String({
    default: "",
    description: "host:port,host:port of the core's Kafka: telemetry is also relayed there from the embedded bus; default: it is not.",
  }),
  YUNWEI_RELAY_TLS: Type.Boolean({
    default: false,
    description: "TLS to the core's Kafka with the authorities that Node trusts; a CA or certificate below says so by itself.",
  }),
  YUNWEI_RELAY_TLS_CA: Type.String({ default: "", description: "PEM file of the authorities to trust for the core's Kafka." }),
  YUNWEI_RELAY_TLS_CERT: Type.String({ default: "", description: "PEM file of our certificate for the core's Kafka, where its brokers ask for one." }),
  YUNWEI_RELAY_TLS_KEY: Type.String({ default: "", description: "PEM file of its private key, without a pass phrase." }),
  YUNWEI_RELAY_TLS_SERVERNAME: Type.String({ default: "", description: "Name in the brokers' certificate, where it is not the host in YUNWEI_RELAY_BROKERS." }),
  YUNWEI_RELAY_SASL_MECHANISM: Type.Enum(["none", ...SASL_MECHANISMS], {
    default: "none",
    description: "How to log in to the core's Kafka: none, PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.",
  }),
  YUNWEI_RELAY_SASL_USERNAME: Type.String({ default: "", description: "User for the core's Kafka." }),
  YUNWEI_RELAY_SASL_PASSWORD_FILE: Type.String({ default: "", description: "File that holds the password for the core's Kafka." }),
  YUNWEI_RELAY_MAX_BYTES_PER_S: Amount(0, "Most bytes a second over the link to the core; 0: no cap."),
  YUNWEI_RELAY_MAX_MESSAGES_PER_S: Amount(0, "Most messages a second over the link to the core; 0: no cap."),
  YUNWEI_RELAY_MAX_BACKLOG_BYTES: Amount(0, "Most bytes that may wait for the core; 0: as much as YUNWEI_RELAY_MIN_FREE_BYTES leaves room for."),
  YUNWEI_RELAY_WHEN_FULL: Type.Enum(["refuse", "give-up"], {
    default: "refuse",
    description: "At that limit: refuse new telemetry (503; senders keep it), or give up the oldest for the core and go on.",
  }),
  YUNWEI_RELAY_MIN_FREE_BYTES: Amount(
    2 * 1024 ** 3,
    "While a backlog waits for the core and less disk space than this is free, new telemetry is refused; 0: never.",
  ),
} as const;

const Variables = Type.Object(RELAY_VARIABLES);
type RelayVariables = Static<typeof Variables>;

export interface RelaySettings extends BacklogLimits {
  readonly connection: KafkaConnection;
  readonly maxBytesPerSecond: number;
  readonly maxMessagesPerSecond: number;
}

/**
 * @returns undefined when no relay is wanted
 * @throws YunweiError YUNWEI_CONFIG_INVALID for security settings that cannot work, or when the bus to relay from is itself a Kafka
 */
export async function readRelaySettings(variables: RelayVariables & { readonly YUNWEI_KAFKA_BROKERS: string }): Promise<RelaySettings | undefined> {
  const brokers = variables.YUNWEI_RELAY_BROKERS.split(",")
    .map((broker) => broker.trim())
    .filter((broker) => broker !== "");
  if (brokers.length === 0) return undefined;
  if (variables.YUNWEI_KAFKA_BROKERS.trim() !== "") {
    throw new YunweiError("YUNWEI_CONFIG_INVALID", "YUNWEI_RELAY_BROKERS relays from the embedded bus: it cannot be set together with YUNWEI_KAFKA_BROKERS");
  }
  const security = await readKafkaSecurity({
    tls: variables.YUNWEI_RELAY_TLS,
    caFile: variables.YUNWEI_RELAY_TLS_CA,
    certFile: variables.YUNWEI_RELAY_TLS_CERT,
    keyFile: variables.YUNWEI_RELAY_TLS_KEY,
    servername: variables.YUNWEI_RELAY_TLS_SERVERNAME,
    mechanism: variables.YUNWEI_RELAY_SASL_MECHANISM,
    username: variables.YUNWEI_RELAY_SASL_USERNAME,
    passwordFile: variables.YUNWEI_RELAY_SASL_PASSWORD_FILE,
  });
  return {
    connection: { ...security, brokers, clientId: `yunwei-relay-${process.pid}` },
    maxBytesPerSecond: variables.YUNWEI_RELAY_MAX_BYTES_PER_S,
    maxMessagesPerSecond: variables.YUNWEI_RELAY_MAX_MESSAGES_PER_S,
    maxBacklogBytes: variables.YUNWEI_RELAY_MAX_BACKLOG_BYTES,
    minFreeBytes: variables.YUNWEI_RELAY_MIN_FREE_BYTES,
    whenFull: variables.YUNWEI_RELAY_WHEN_FULL,
  };
}
