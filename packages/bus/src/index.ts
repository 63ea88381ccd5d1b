export {
  type BatchHandler,
  type Bus,
  type BusMessage,
  type DeliveredMessage,
  decodeJson,
  encodeJson,
  type SubscribeOptions,
  type Subscription,
} from "./bus.ts";
export { EmbeddedBus, type EmbeddedBusOptions, MAX_MESSAGE_BYTES, openEmbeddedBus } from "./embedded/embedded-bus.ts";
export { KAFKA_DRIVERS, type KafkaBusOptions, type KafkaDriverName, openKafkaBus } from "./kafka/kafka-bus.ts";
export { type KafkaConnection, type KafkaSasl, type KafkaSecurity, type KafkaTls, SASL_MECHANISMS, type SaslMechanism } from "./kafka/kafka-connection.ts";
export { openRelayTarget } from "./kafka/open-relay-target.ts";
export { type KafkaSecurityFiles, readKafkaSecurity } from "./kafka/read-kafka-security.ts";
export type { RelayTarget } from "./kafka/relay-target.ts";
export { partitionOfKey } from "./partition-of-key.ts";
