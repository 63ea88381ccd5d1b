import { type EntityKey, parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";

/** Alerts are joined over at most this many steps of the graph. */
export const MAX_STEPS = 4;
const MAX_VISITED = 5_000;

/** One step from `entity` along which trouble travels. A site joins only what is about a whole rack, link or site: everything in a city is not one fault. */
function neighbours(topology: Topology, entity: EntityKey): EntityKey[] {
  const parsed = parseEntityKey(entity);
  switch (parsed?.type) {
    case "edge": {
      const [from = "", to = ""] = parsed.id.split("->");
      const ends: EntityKey[] = [`service:${from}`, topology.node(`database:${to}`) === undefined ? `service:${to}` : `database:${to}`];
      return [...ends, ...linksUnder(topology, ends[0]!, ends[1]!)];
    }
    case "service":
    case "database":
    case "queue":
      return [
        ...topology.targets(entity, "calls"),
        ...topology.sources(entity, "calls"),
        ...topology.sources(entity, "instance_of"),
        ...topology.targets(entity, "runs_on"),
        ...crossedLinks(topology, entity),
      ];
    case "site":
      return [...topology.sources(entity, "member_of"), ...topology.sources(entity, "connects")];
    case "rack":
      return [...topology.targets(entity, "member_of"), ...topology.sources(entity, "member_of")];
    case "link":
      return topology.targets(entity, "connects");
    default:
      return [...topology.targets(entity), ...topology.sources(entity)].filter((other) => !other.startsWith("site:"));
  }
}

function crossedLinks(topology: Topology, service: EntityKey): EntityKey[] {
  return topology.targets(service, "calls").flatMap((callee) => linksUnder(topology, service, callee));
}

function linksUnder(topology: Topology, caller: EntityKey, callee: EntityKey): EntityKey[] {
  return [...(topology.callFacts(caller, callee)?.sitePairs ?? [])].flatMap((pair) => {
    const [a = "", b = ""] = pair.split(">");
    return topology.linksBetween(a, b);
  });
}

/** What is related to an entity, with the number of steps; the entity itself is 0. Sites and racks are passed through only when the walk begins at one, or at a link. */
export function relatedTo(topology: Topology, entity: EntityKey): ReadonlyMap<EntityKey, number> {
  const steps = new Map<EntityKey, number>([[entity, 0]]);
  const wide = /^(site|rack|link):/.test(entity);
  const queue: EntityKey[] = [entity];
  for (let at = 0; at < queue.length && steps.size < MAX_VISITED; at++) {
    const here = queue[at]!;
    const depth = steps.get(here)!;
    if (depth >= MAX_STEPS || (depth > 0 && !wide && /^(site|rack|link):/.test(here))) continue;
    for (const next of neighbours(topology, here)) {
      if (steps.has(next)) continue;
      steps.set(next, depth + 1);
      queue.push(next);
    }
  }
  return steps;
}
