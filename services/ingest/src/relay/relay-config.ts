import { brokersOf, type KafkaConnection, kafkaSecurityOf, kafkaSecurityVariables } from "@yunwei/bus";
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
  ...kafkaSecurityVariables("YUNWEI_RELAY", "the core's Kafka"),
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
  const brokers = brokersOf(variables.YUNWEI_RELAY_BROKERS);
  if (brokers.length === 0) return undefined;
  if (variables.YUNWEI_KAFKA_BROKERS.trim() !== "") {
    throw new YunweiError("YUNWEI_CONFIG_INVALID", "YUNWEI_RELAY_BROKERS relays from the embedded bus: it cannot be set together with YUNWEI_KAFKA_BROKERS");
  }
  const security = await kafkaSecurityOf("YUNWEI_RELAY", variables);
  return {
    connection: { ...security, brokers, clientId: `yunwei-relay-${process.pid}` },
    maxBytesPerSecond: variables.YUNWEI_RELAY_MAX_BYTES_PER_S,
    maxMessagesPerSecond: variables.YUNWEI_RELAY_MAX_MESSAGES_PER_S,
    maxBacklogBytes: variables.YUNWEI_RELAY_MAX_BACKLOG_BYTES,
    minFreeBytes: variables.YUNWEI_RELAY_MIN_FREE_BYTES,
    whenFull: variables.YUNWEI_RELAY_WHEN_FULL,
  };
}
