import { type EntityKey, type EntityType, parseEntityKey } from "@yunwei/schemas";
import { MultiDirectedGraph } from "graphology";

/**
 * How two entities hang together. Failures travel against `calls`, `runs_on`, `instance_of` and `member_of` (from what is
 * used to what uses it), and both ways over `connects`.
 */
export type Relation =
  | "calls" // service -> service or database: needs it to answer
  | "instance_of" // instance -> service
  | "runs_on" // instance -> vm or host, vm -> host
  | "member_of" // host -> rack, rack -> site, vm/instance/service -> site
  | "connects"; // link -> each of its two sites

export interface TopologyNode {
  readonly entity: EntityKey;
  readonly type: EntityType;
  site: string;
  department: string;
  criticality: "core" | "important" | "normal";
  /** True when a person declared it, false when telemetry showed it. */
  declared: boolean;
}

/** What is known of a `calls` relation. */
export interface CallFacts {
  /** `from>to` site pairs between which calls were seen. */
  readonly sitePairs: Set<string>;
  calls: number;
  errors: number;
}

interface EdgeAttributes {
  readonly relation: Relation;
  readonly call?: CallFacts;
}

/** The typed graph of the estate. Pure: built by the functions of this package, read by alerting and rca. */
export class Topology {
  readonly #graph = new MultiDirectedGraph<TopologyNode, EdgeAttributes>();
  /** Site -> neighbour sites with the link between, for paths. */
  readonly #links = new Map<string, { site: string; link: EntityKey }[]>();
  readonly #paths = new Map<string, readonly EntityKey[]>();

  get size(): number {
    return this.#graph.order;
  }

  /** Makes the node if it is new; fills in what was empty. Unknown types are refused by the key's own type. */
  ensure(entity: EntityKey, facts: Partial<Omit<TopologyNode, "entity" | "type">> = {}): TopologyNode {
    if (!this.#graph.hasNode(entity)) {
      const type = parseEntityKey(entity)?.type ?? "process";
      this.#graph.addNode(entity, { entity, type, site: "", department: "", criticality: "normal", declared: false });
    }
    const node = this.#graph.getNodeAttributes(entity);
    if (facts.site) node.site = facts.site;
    if (facts.department) node.department = facts.department;
    if (facts.criticality !== undefined) node.criticality = facts.criticality;
    if (facts.declared === true) node.declared = true;
    return node;
  }

  node(entity: EntityKey): TopologyNode | undefined {
    return this.#graph.hasNode(entity) ? this.#graph.getNodeAttributes(entity) : undefined;
  }

  nodes(): TopologyNode[] {
    return this.#graph.mapNodes((_, attributes) => attributes);
  }

  /** Idempotent; both ends are made when missing. */
  connect(from: EntityKey, relation: Relation, to: EntityKey): void {
    this.ensure(from);
    this.ensure(to);
    const key = `${relation}|${from}|${to}`;
    if (!this.#graph.hasEdge(key)) this.#graph.addDirectedEdgeWithKey(key, from, to, { relation });
  }

  /** A call from one service to another between two sites ("" = not known); adds up. */
  addCalls(from: EntityKey, to: EntityKey, fromSite: string, toSite: string, calls: number, errors: number): void {
    this.ensure(from);
    this.ensure(to);
    const key = `calls|${from}|${to}`;
    if (!this.#graph.hasEdge(key))
      this.#graph.addDirectedEdgeWithKey(key, from, to, { relation: "calls", call: { sitePairs: new Set(), calls: 0, errors: 0 } });
    const facts = this.#graph.getEdgeAttributes(key).call!;
    facts.calls += calls;
    facts.errors += errors;
    if (fromSite !== "" && toSite !== "") facts.sitePairs.add(`${fromSite}>${toSite}`);
  }

  callFacts(from: EntityKey, to: EntityKey): CallFacts | undefined {
    const key = `calls|${from}|${to}`;
    return this.#graph.hasEdge(key) ? this.#graph.getEdgeAttributes(key).call : undefined;
  }

  /** A link between two sites. */
  addLink(link: EntityKey, a: string, b: string): void {
    this.connect(link, "connects", `site:${a}`);
    this.connect(link, "connects", `site:${b}`);
    for (const [site, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = this.#links.get(site) ?? [];
      if (!known.some((entry) => entry.link === link)) known.push({ site: other, link });
      this.#links.set(site, known);
    }
    this.#paths.clear();
  }

  /** What `entity` points to by `relation` (any when undefined), in a stable order. */
  targets(entity: EntityKey, relation?: Relation): EntityKey[] {
    if (!this.#graph.hasNode(entity)) return [];
    const found = this.#graph.filterOutEdges(entity, (_, attributes) => relation === undefined || attributes.relation === relation);
    return [...new Set(found.map((edge) => this.#graph.target(edge) as EntityKey))].sort();
  }

  /** What points to `entity` by `relation` (any when undefined), in a stable order. */
  sources(entity: EntityKey, relation?: Relation): EntityKey[] {
    if (!this.#graph.hasNode(entity)) return [];
    const found = this.#graph.filterInEdges(entity, (_, attributes) => relation === undefined || attributes.relation === relation);
    return [...new Set(found.map((edge) => this.#graph.source(edge) as EntityKey))].sort();
  }

  /** All relations, for drawing and for walks that choose themselves. */
  relations(entity: EntityKey): { from: EntityKey; to: EntityKey; relation: Relation }[] {
    if (!this.#graph.hasNode(entity)) return [];
    return this.#graph.mapEdges(entity, (_, attributes, from, to) => ({ from: from as EntityKey, to: to as EntityKey, relation: attributes.relation }));
  }

  siteOf(entity: EntityKey): string {
    const parsed = parseEntityKey(entity);
    return parsed?.type === "site" ? parsed.id : (this.node(entity)?.site ?? "");
  }

  /** Links on the shortest way between two sites; empty for the same site or when no way is known. Ties: the smaller link key. */
  linksBetween(a: string, b: string): readonly EntityKey[] {
    if (a === b || a === "" || b === "") return [];
    const key = `${a}>${b}`;
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const path = this.#shortestPath(a, b);
    this.#paths.set(key, path);
    return path;
  }

  #shortestPath(a: string, b: string): EntityKey[] {
    const reachedBy = new Map<string, { from: string; link: EntityKey } | undefined>([[a, undefined]]);
    const queue = [a];
    for (let at = 0; at < queue.length && !reachedBy.has(b); at++) {
      const here = queue[at]!;
      const next = [...(this.#links.get(here) ?? [])].sort((x, y) => (x.link < y.link ? -1 : 1));
      for (const { site, link } of next) {
        if (reachedBy.has(site)) continue;
        reachedBy.set(site, { from: here, link });
        queue.push(site);
      }
    }
    const path: EntityKey[] = [];
    for (let step = reachedBy.get(b); step !== undefined; step = reachedBy.get(step.from)) path.unshift(step.link);
    return path;
  }

  /** What `entity` stands on, nearest first: instance -> vm -> host -> rack -> site. */
  foundations(entity: EntityKey): EntityKey[] {
    const out: EntityKey[] = [];
    const seen = new Set<EntityKey>([entity]);
    let layer: EntityKey[] = [entity];
    while (layer.length > 0) {
      const next: EntityKey[] = [];
      for (const here of layer) {
        for (const to of [...this.targets(here, "runs_on"), ...this.targets(here, "member_of")]) {
          if (seen.has(to)) continue;
          seen.add(to);
          next.push(to);
        }
      }
      out.push(...next);
      layer = next;
    }
    return out;
  }

  /** Everything that stands on `entity` (the reverse of `foundations`), without services: they span sites. */
  standingOn(entity: EntityKey): EntityKey[] {
    const seen = new Set<EntityKey>([entity]);
    const queue: EntityKey[] = [entity];
    for (let at = 0; at < queue.length; at++) {
      for (const from of [...this.sources(queue[at]!, "runs_on"), ...this.sources(queue[at]!, "member_of")]) {
        if (seen.has(from) || from.startsWith("service:")) continue;
        seen.add(from);
        queue.push(from);
      }
    }
    return queue.slice(1);
  }
}
