import type { KafkaConnection } from "./kafka-connection.ts";
import type { RelayTarget } from "./relay-target.ts";

/** Connects with the first call; Apache Kafka 3.1 or newer. */
export async function openRelayTarget(connection: KafkaConnection): Promise<RelayTarget> {
  const { PlatformaticRelayTarget } = await import("../platformatic/platformatic-relay-target.ts");
  return new PlatformaticRelayTarget(connection);
}
