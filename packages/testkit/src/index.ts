export { FaultyLink, type LinkFault } from "./chaos/faulty-link.ts";
export { mountSmallDisk, type SmallDisk } from "./chaos/small-disk.ts";
export { type IngestSpawnOptions, SpawnedIngest } from "./chaos/spawn-ingest.ts";
export { type ClickHouseServer, startClickHouse } from "./clickhouse/start-clickhouse.ts";
export { type DemoResult, FAULT_STEPS, HISTORY_STEPS, isNamed, type Moment, runDemo } from "./demo/demo-run.ts";
export { type OpenDemo, openDemo } from "./demo/open-demo.ts";
export {
  buildEstate,
  type Criticality,
  type DeclaredTopology,
  type Estate,
  type EstateInstance,
  type EstateLink,
  type EstateMachine,
  type EstateRequest,
  type EstateService,
  EstateSimulator,
  type EstateSite,
  estateTopology,
  FAULT_KINDS,
  type FaultKind,
  type GroundTruth,
  type InjectOptions,
  isFaultKind,
  type SimulatorOptions,
} from "./estate/index.ts";
export { CONSUMER_SESSION_MS } from "./kafka/broker-properties.ts";
export type { SecureDoor } from "./kafka/secure-door.ts";
export { type KafkaBroker, startKafka } from "./kafka/start-kafka.ts";
export { TestAuthority } from "./kafka/test-authority.ts";
export { ApiClient } from "./standalone/api-client.ts";
export { beijingTime, type CardOptions, formatValue, incidentCard } from "./standalone/incident-card.ts";
export { OtlpRefusedError, type SendOptions, sendOtlp } from "./standalone/otlp-sender.ts";
export { type RejectedItems, rejectedItems } from "./standalone/rejected-items.ts";
export { type SpawnedStandalone, type SpawnOptions, spawnStandalone } from "./standalone/spawn-standalone.ts";
