import { type Static, type TSchema, Type } from "typebox";
import { KAFKA_DRIVERS, type KafkaDriverName } from "./kafka-bus.ts";
import { type KafkaSecurity, SASL_MECHANISMS } from "./kafka-connection.ts";
import { readKafkaSecurity } from "./read-kafka-security.ts";

type Prefixed<P extends string, Schemas> = { [Name in keyof Schemas as `${P}_${Name & string}`]: Schemas[Name] };
type Values<Schemas> = { readonly [Name in keyof Schemas]: Schemas[Name] extends TSchema ? Static<Schemas[Name]> : never };

const securitySchemas = (prefix: string, cluster: string) => ({
  TLS: Type.Boolean({
    default: false,
    description: `TLS to ${cluster} with the authorities that Node trusts; a CA or certificate below says so by itself.`,
  }),
  TLS_CA: Type.String({ default: "", description: `PEM file of the authorities to trust for ${cluster}.` }),
  TLS_CERT: Type.String({ default: "", description: `PEM file of our certificate for ${cluster}, where the brokers ask for one.` }),
  TLS_KEY: Type.String({ default: "", description: "PEM file of its private key, without a pass phrase." }),
  TLS_SERVERNAME: Type.String({ default: "", description: `Name in the brokers' certificate, where it is not the host in ${prefix}_BROKERS.` }),
  SASL_MECHANISM: Type.Enum(["none", ...SASL_MECHANISMS], {
    default: "none",
    description: `How to log in to ${cluster}: none, PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.`,
  }),
  SASL_USERNAME: Type.String({ default: "", description: `User for ${cluster}.` }),
  SASL_PASSWORD_FILE: Type.String({ default: "", description: `File that holds the password for ${cluster}.` }),
});
type SecuritySchemas = ReturnType<typeof securitySchemas>;

/** Variables that say how connections to a cluster are protected, as properties of a configuration. @param cluster - what people call it */
export function kafkaSecurityVariables<P extends string>(prefix: P, cluster: string): Prefixed<P, SecuritySchemas> {
  const schemas = Object.entries(securitySchemas(prefix, cluster)).map(([name, schema]) => [`${prefix}_${name}`, schema]);
  return Object.fromEntries(schemas) as Prefixed<P, SecuritySchemas>;
}

/** What these variables say, their files read. @throws YunweiError YUNWEI_CONFIG_INVALID (readKafkaSecurity) */
export function kafkaSecurityOf<P extends string>(prefix: P, variables: Values<Prefixed<P, SecuritySchemas>>): Promise<KafkaSecurity> {
  const own = variables as Readonly<Record<string, unknown>>;
  const value = <Name extends keyof SecuritySchemas>(name: Name) => own[`${prefix}_${name}`] as Static<SecuritySchemas[Name]>;
  return readKafkaSecurity({
    tls: value("TLS"),
    caFile: value("TLS_CA"),
    certFile: value("TLS_CERT"),
    keyFile: value("TLS_KEY"),
    servername: value("TLS_SERVERNAME"),
    mechanism: value("SASL_MECHANISM"),
    username: value("SASL_USERNAME"),
    passwordFile: value("SASL_PASSWORD_FILE"),
  });
}

const PREFIX = "YUNWEI_KAFKA";

/** Variables of a process whose bus is a Kafka, beside YUNWEI_KAFKA_BROKERS. */
export const KAFKA_VARIABLES = {
  YUNWEI_KAFKA_DRIVER: Type.Enum([...KAFKA_DRIVERS], {
    default: "platformatic",
    description: "Kafka client: platformatic for brokers from 4.0 on, kafkajs for older ones.",
  }),
  YUNWEI_KAFKA_INSTANCE_ID: Type.String({
    default: "",
    description: "Name that this process alone has and keeps: a quick restart then moves no partition (platformatic only).",
  }),
  ...kafkaSecurityVariables(PREFIX, "Kafka"),
} as const;

/** Options of KafkaBus that the variables give. */
export interface ConfiguredKafka extends KafkaSecurity {
  readonly brokers: readonly string[];
  readonly driver: KafkaDriverName;
  readonly instanceId?: string;
}

/** @throws YunweiError YUNWEI_CONFIG_INVALID (readKafkaSecurity) */
export async function configuredKafka(variables: Values<typeof KAFKA_VARIABLES> & { readonly YUNWEI_KAFKA_BROKERS: string }): Promise<ConfiguredKafka> {
  const instanceId = variables.YUNWEI_KAFKA_INSTANCE_ID;
  return {
    ...(await kafkaSecurityOf(PREFIX, variables)),
    brokers: brokersOf(variables.YUNWEI_KAFKA_BROKERS),
    driver: variables.YUNWEI_KAFKA_DRIVER,
    ...(instanceId === "" ? {} : { instanceId }),
  };
}

/** `host:port,host:port` as a list; empty for none. */
export function brokersOf(list: string): string[] {
  return list
    .split(",")
    .map((broker) => broker.trim())
    .filter((broker) => broker !== "");
}
