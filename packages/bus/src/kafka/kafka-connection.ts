/** TLS towards the brokers. Everything is PEM text, not a path (`readKafkaSecurity` reads files). */
export interface KafkaTls {
  /** Authorities to trust instead of those that Node brings. */
  readonly ca?: string;
  /** Our own certificate and its key, where the brokers ask for one. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the broker's certificate must carry, where it is not the host that we connect to. */
  readonly servername?: string;
}

export const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

export interface KafkaSasl {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: string;
}

/** How both drivers protect their connections: neither, either or both. */
export interface KafkaSecurity {
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
}

export interface KafkaConnection extends KafkaSecurity {
  /** `host:port` of one or more brokers; the others are found by themselves. */
  readonly brokers: readonly string[];
  readonly clientId: string;
}
