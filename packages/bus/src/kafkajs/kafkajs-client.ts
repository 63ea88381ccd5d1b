import kafkajs, { type Kafka, type KafkaConfig, type SASLOptions } from "kafkajs";
import type { KafkaConnection, KafkaSasl } from "../kafka/kafka-connection.ts";

/** Of one question; the caller repeats it for as long as it has patience. */
const FEW_RETRIES = { retries: 3, initialRetryTime: 200, maxRetryTime: 1_000 };

/**
 * A client of its own for every producer, consumer and admin: consumers of one group that share a client share its table of
 * committed offsets, which each of them empties when it joins.
 */
export function kafkaJsClient(connection: KafkaConnection): Kafka {
  const options: KafkaConfig = {
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    retry: FEW_RETRIES,
    // What goes wrong reaches us as an error or an event; kafkajs's own log would be a second, unstructured one.
    logLevel: kafkajs.logLevel.NOTHING,
  };
  if (connection.tls !== undefined) options.ssl = { ...connection.tls };
  if (connection.sasl !== undefined) options.sasl = saslOptions(connection.sasl);
  return new kafkajs.Kafka(options);
}

function saslOptions({ mechanism, username, password }: KafkaSasl): SASLOptions {
  if (mechanism === "PLAIN") return { mechanism: "plain", username, password };
  return { mechanism: mechanism === "SCRAM-SHA-256" ? "scram-sha-256" : "scram-sha-512", username, password };
}
