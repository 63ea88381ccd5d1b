export { type DemoResult, FAULT_STEPS, HISTORY_STEPS, isNamed, runDemo } from "./demo/demo-run.ts";
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
export { type KafkaBroker, startKafka } from "./kafka/start-kafka.ts";
export { ApiClient } from "./standalone/api-client.ts";
export { sendOtlp } from "./standalone/otlp-sender.ts";
export { type SpawnedStandalone, type SpawnOptions, spawnStandalone } from "./standalone/spawn-standalone.ts";
