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
export { type KafkaBusOptions, openKafkaBus } from "./kafka/kafka-bus.ts";
export { partitionOfKey } from "./partition-of-key.ts";
