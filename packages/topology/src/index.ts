export { addDeclared, type DeclaredTopology, parseDeclaredTopology } from "./declared.ts";
export { addCallRow, addResources } from "./from-telemetry.ts";
export { loadTopology } from "./load-topology.ts";
export { type CallFacts, type Relation, Topology, type TopologyNode } from "./topology.ts";
export { TopologyCache, type TopologyCacheOptions } from "./topology-cache.ts";
