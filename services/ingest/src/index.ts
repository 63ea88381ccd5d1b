export {
  createGateway,
  createIngest,
  createWriters,
  type Gateway,
  type GatewayDependencies,
  type Ingest,
  type IngestDependencies,
  type WriterDependencies,
  type Writers,
} from "./app.ts";
export type { DeviceDoors } from "./device-doors.ts";
export { DEVICE_DOOR_VARIABLES } from "./device-doors-config.ts";
export { hashOfSecret, type IngestToken } from "./domain/ingest-token.ts";
export type { GrpcDoor } from "./grpc/grpc-server.ts";
export { type Relay, startRelay } from "./relay/relay.ts";
export { RELAY_VARIABLES, readRelaySettings } from "./relay/relay-config.ts";
export { areIngestTokens, readTokenFile } from "./token-file.ts";
