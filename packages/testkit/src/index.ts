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
