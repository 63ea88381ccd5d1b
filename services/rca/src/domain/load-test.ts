import { type EntityKey, parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import type { Evidence } from "./evidence-book.ts";

/** Traffic must rise by this much to count as a surge. */
const LEAST_RATIO = 1.5;
/** Families that more traffic alone can raise. */
const LOAD_FAMILIES = new Set(["cpu", "load", "latency", "self_time", "edge_gap", "memory", "disk_io", "lock", "network", "log_error", "error", "edge_error"]);
/** The surge must begin no later than what it is to explain, within the clocks' and windows' tolerance. */
const TOLERANCE_MS = 60_000;

/** Traffic that rose at services and so far down their calls. */
export interface LoadSurge {
  readonly services: ReadonlyMap<EntityKey, number>;
  readonly entries: readonly EntityKey[];
  readonly onsetMs: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Services whose request rate rose, where no caller inside the estate explains the rise otherwise. Undefined when no
 * traffic rose. What is louder than the traffic is not explained by it.
 */
export function findSurge(topology: Topology, evidence: readonly Evidence[]): LoadSurge | undefined {
  const services = new Map<EntityKey, number>();
  const used: Evidence[] = [];
  for (const item of evidence) {
    if (item.family !== "load" || item.direction !== "up" || !item.metric.endsWith("service.rate") || !item.entity.startsWith("service:")) continue;
    const ratio = item.value / Math.max(item.expected, 0.1);
    if (ratio < LEAST_RATIO) continue;
    services.set(item.entity, Math.max(ratio, services.get(item.entity) ?? 0));
    used.push(item);
  }
  if (services.size === 0) return undefined;
  const entries = [...services.keys()].filter((service) => !topology.sources(service, "calls").some((caller) => services.has(caller))).sort();
  return { services, entries, onsetMs: Math.min(...used.map((item) => item.onsetMs)), evidence: used };
}

/** Whether more traffic alone explains this deviation: the entity serves the surge, the family can follow load, and it came no earlier. */
export function surgeExplains(topology: Topology, surge: LoadSurge, item: Evidence): boolean {
  if (!LOAD_FAMILIES.has(item.family) || item.detector === "limit" || item.onsetMs < surge.onsetMs - TOLERANCE_MS) return false;
  return servesSurge(topology, surge, item.entity);
}

/** The services of the surge, what they call, and the machines below all of these. */
function servesSurge(topology: Topology, surge: LoadSurge, entity: EntityKey): boolean {
  const type = parseEntityKey(entity)?.type;
  if (type === "service") return surge.services.has(entity) || topology.targets(entity, "calls").some((callee) => surge.services.has(callee));
  if (type === "edge") return endsOf(entity).some((end) => surge.services.has(end));
  if (type === "database" || type === "queue") return topology.sources(entity, "calls").some((caller) => surge.services.has(caller));
  if (type === "instance" || type === "pod") return topology.targets(entity, "instance_of").some((service) => surge.services.has(service));
  if (type === "vm" || type === "host")
    return topology.standingOn(entity).some((one) => (one.startsWith("instance:") || one.startsWith("database:")) && servesSurge(topology, surge, one));
  return false;
}

function endsOf(edge: EntityKey): EntityKey[] {
  const [from = "", to = ""] = parseEntityKey(edge)!.id.split("->");
  return [`service:${from}`, `service:${to}`];
}
