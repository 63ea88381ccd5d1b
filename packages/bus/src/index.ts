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
