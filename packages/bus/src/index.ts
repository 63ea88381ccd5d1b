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
export { type KafkaBusOptions, type KafkaDriverName, openKafkaBus } from "./kafka/kafka-bus.ts";
export type { KafkaConnection, KafkaSasl, KafkaSecurity, KafkaTls } from "./kafka/kafka-connection.ts";
export { brokersOf, configuredKafka, KAFKA_VARIABLES, kafkaSecurityOf, kafkaSecurityVariables } from "./kafka/kafka-variables.ts";
export { openRelayTarget } from "./kafka/open-relay-target.ts";
export type { RelayTarget } from "./kafka/relay-target.ts";
export { partitionOfKey } from "./partition-of-key.ts";
export type { BusCallbacks, BusCalls } from "./thread/bus-calls.ts";
export { serveBus } from "./thread/serve-bus.ts";
export { ThreadBus } from "./thread/thread-bus.ts";
