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
export { CardinalityGuard } from "./cardinality/cardinality-guard.ts";
export type { DeviceDoors } from "./device-doors.ts";
export { DEVICE_DOOR_VARIABLES } from "./device-doors-config.ts";
export { DeadLetterDesk } from "./dlq/dead-letter-desk.ts";
export { hashOfSecret, type IngestToken, type TokenLimits } from "./domain/ingest-token.ts";
export type { GrpcDoor } from "./grpc/grpc-server.ts";
export { type Relay, startRelay } from "./relay/relay.ts";
export { RELAY_VARIABLES, readRelaySettings } from "./relay/relay-config.ts";
export type { RelayStatus } from "./relay/relay-status.ts";
export { openRetention, type Retention } from "./retention/retention.ts";
export { RETENTION_VARIABLES } from "./retention/retention-config.ts";
export { areIngestTokens, readTokenFile } from "./token-file.ts";
export { logSignal, metricSignal, type SignalTables, spanSignal } from "./writer/signal-tables.ts";
