export { buildEstate } from "./build-estate.ts";
export type { Criticality, Estate, EstateInstance, EstateLink, EstateMachine, EstateService, EstateSite } from "./estate.ts";
export { EstateSimulator, type InjectOptions, type SimulatorOptions } from "./estate-simulator.ts";
export { type DeclaredTopology, estateTopology } from "./estate-topology.ts";
export { FAULT_KINDS, type FaultKind, type GroundTruth } from "./faults/fault.ts";
export { isFaultKind } from "./faults/plan-fault.ts";
export type { EstateRequest } from "./telemetry-uplink.ts";
