import type { AlertSummary, EntityKey, RcaReport } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import type { Candidate } from "./candidate.ts";

/** People cannot read more. */
const MAX_NODES = 40;

type Graph = RcaReport["graph"];
type GraphNode = Graph["nodes"][number];

/** The part of the estate that tells the story: the cause, the loudest symptoms, and the ways between. */
export function drawGraph(topology: Topology, cause: Candidate | undefined, symptoms: readonly AlertSummary[]): Graph {
  const nodes = new Map<EntityKey, GraphNode>();
  const add = (entity: EntityKey, role: GraphNode["role"], score: number): void => {
    const known = nodes.get(entity);
    if (known === undefined && nodes.size >= MAX_NODES) return;
    if (known === undefined || RANK[role] > RANK[known.role])
      nodes.set(entity, { entity, site: topology.siteOf(entity), role, score: Math.round(Math.max(score, known?.score ?? 0) * 10) / 10 });
  };
  if (cause !== undefined) add(cause.entity, "cause", Math.max(...cause.own.map((item) => item.score)));
  for (const symptom of [...symptoms].sort((a, b) => b.peakScore - a.peakScore)) {
    const entity = symptom.entity as EntityKey;
    const path = cause === undefined || !cause.impact.has(entity) ? [entity] : cause.impact.path(entity);
    if (nodes.size + path.length > MAX_NODES) continue;
    for (const step of path) add(step, step === entity ? "symptom" : "between", step === entity ? symptom.peakScore : 0);
  }
  return { nodes: [...nodes.values()], edges: edgesAmong(topology, nodes, cause, symptoms) };
}

const RANK: Readonly<Record<GraphNode["role"], number>> = { between: 0, symptom: 1, cause: 2 };

function edgesAmong(
  topology: Topology,
  nodes: ReadonlyMap<EntityKey, GraphNode>,
  cause: Candidate | undefined,
  symptoms: readonly AlertSummary[],
): Graph["edges"] {
  const edges = new Map<string, Graph["edges"][number]>();
  for (const entity of nodes.keys()) {
    for (const { from, to, relation } of topology.relations(entity)) {
      if (nodes.has(from) && nodes.has(to)) edges.set(`${from}|${to}|${relation}`, { from, to, relation });
    }
  }
  // Steps over a link or an edge entity are no relation of the graph: draw them as the way the failure took.
  for (const symptom of symptoms) {
    const path = cause?.impact.has(symptom.entity as EntityKey) === true ? cause.impact.path(symptom.entity as EntityKey) : [];
    for (let i = 1; i < path.length; i++) {
      const [from, to] = [path[i - 1]!, path[i]!];
      const joined = [...edges.values()].some((edge) => (edge.from === from && edge.to === to) || (edge.from === to && edge.to === from));
      if (!joined && nodes.has(from) && nodes.has(to)) edges.set(`${from}|${to}|affects`, { from, to, relation: "affects" });
    }
  }
  return [...edges.values()];
}
