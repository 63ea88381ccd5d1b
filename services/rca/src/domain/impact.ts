import { type EntityKey, parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";

/** How far a failure is followed. */
const MAX_DEPTH = 12;
const MAX_REACHED = 20_000;

/** Where a failure of one entity can be felt: every entity reached, with the one it came from. */
export class ImpactSet {
  readonly origin: EntityKey;
  readonly #from = new Map<EntityKey, EntityKey>();
  readonly #depth = new Map<EntityKey, number>();

  constructor(origin: EntityKey) {
    this.origin = origin;
    this.#depth.set(origin, 0);
  }

  add(entity: EntityKey, from: EntityKey): boolean {
    if (this.#depth.has(entity) || this.#depth.size >= MAX_REACHED) return false;
    this.#from.set(entity, from);
    this.#depth.set(entity, this.depth(from) + 1);
    return true;
  }

  has(entity: EntityKey): boolean {
    return this.#depth.has(entity);
  }

  /** Steps from the origin; Infinity when not reached. */
  depth(entity: EntityKey): number {
    return this.#depth.get(entity) ?? Number.POSITIVE_INFINITY;
  }

  /** From the origin to `entity`, both ends included; just the origin when it is not reached. */
  path(entity: EntityKey): EntityKey[] {
    const out: EntityKey[] = [];
    for (let at: EntityKey | undefined = entity; at !== undefined && this.has(at); at = this.#from.get(at)) out.unshift(at);
    return out.length === 0 ? [this.origin] : out;
  }
}

/**
 * Follows a failure from what is used to what uses it: machines to what stands on them, instances to their service, a
 * callee to its callers, a link to the calls that cross it. Breadth first, so paths are shortest.
 */
export function impactOf(topology: Topology, origin: EntityKey): ImpactSet {
  const impact = new ImpactSet(origin);
  let layer: EntityKey[] = [origin];
  for (let depth = 0; depth < MAX_DEPTH && layer.length > 0; depth++) {
    const next: EntityKey[] = [];
    for (const here of layer) for (const to of feltBy(topology, here, origin)) if (impact.add(to, here)) next.push(to);
    layer = next;
  }
  return impact;
}

/** Who feels it at once when `entity` fails. */
function feltBy(topology: Topology, entity: EntityKey, origin: EntityKey): EntityKey[] {
  const type = parseEntityKey(entity)?.type;
  switch (type) {
    case "site":
    case "rack":
    case "host":
    case "vm":
      return [
        ...topology.sources(entity, "runs_on"),
        ...topology.sources(entity, "member_of"),
        ...(type === "site" ? topology.sources(entity, "connects") : []),
      ];
    case "link":
      return feltOverLink(topology, entity);
    case "instance":
    case "pod":
      return topology.targets(entity, "instance_of");
    case "service":
    case "database":
    case "queue":
      // Its own instances show it too, but what stands beside them does not: instances lead nowhere but back to the service.
      return [...callersOf(topology, entity), ...(entity === origin || type === "service" ? topology.sources(entity, "instance_of") : [])];
    case "edge": {
      const [from] = (parseEntityKey(entity)?.id ?? "").split("->");
      return from === undefined ? [] : [`service:${from}`];
    }
    default:
      return [];
  }
}

/** The callers and the edges through which they call. */
function callersOf(topology: Topology, entity: EntityKey): EntityKey[] {
  const id = parseEntityKey(entity)!.id;
  return topology.sources(entity, "calls").flatMap((caller): EntityKey[] => [`edge:${parseEntityKey(caller)!.id}->${id}`, caller]);
}

/** Calls whose sites are joined over the link: the edge and its caller. Its far site's telemetry comes over it as well. */
function feltOverLink(topology: Topology, link: EntityKey): EntityKey[] {
  // A city has one way to the core: with its link its telemetry goes as well. The core's centres have more than one.
  const out: EntityKey[] = topology.targets(link, "connects").filter((site) => topology.sources(site, "connects").length === 1);
  for (const { entity } of topology.nodes()) {
    if (!entity.startsWith("service:")) continue;
    for (const callee of topology.targets(entity, "calls")) {
      if (crosses(topology, entity, callee, link)) out.push(`edge:${parseEntityKey(entity)!.id}->${parseEntityKey(callee)!.id}`, entity);
    }
  }
  return out;
}

/** Whether some calls from `caller` to `callee` go over `link`. */
export function crosses(topology: Topology, caller: EntityKey, callee: EntityKey, link: EntityKey): boolean {
  for (const pair of topology.callFacts(caller, callee)?.sitePairs ?? []) {
    const [a = "", b = ""] = pair.split(">");
    if (topology.linksBetween(a, b).includes(link)) return true;
  }
  return false;
}
