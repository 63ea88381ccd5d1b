import dagre from "@dagrejs/dagre";
import type { RcaReport } from "../api/contracts.ts";

type Graph = RcaReport["graph"];

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 74;

export interface PlacedNode {
  readonly entity: string;
  readonly site: string;
  readonly role: Graph["nodes"][number]["role"];
  readonly score: number;
  /** Upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  /** The failure went from here to there. */
  readonly from: string;
  readonly to: string;
  /** The relation as the report has it. */
  readonly relation: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface PlacedGraph {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** Relations that are told from the one that depends: failures go against them. */
const AGAINST = new Set(["calls", "runs_on", "member_of"]);

/**
 * Places the nodes in layers along the way of the failure, causes first. Pure and stable. Edges whose ends are not among
 * the nodes are left out. @param direction - `LR` = causes at the left, `TB` = at the top
 */
export function layOut(graph: Graph, direction: "LR" | "TB"): PlacedGraph {
  const layout = new dagre.graphlib.Graph({ multigraph: true });
  layout.setGraph({ rankdir: direction, nodesep: 22, ranksep: 56, marginx: 12, marginy: 12 });
  layout.setDefaultEdgeLabel(() => ({}));
  const known = new Set(graph.nodes.map((node) => node.entity));
  for (const { entity } of graph.nodes) layout.setNode(entity, { width: NODE_WIDTH, height: NODE_HEIGHT });
  const edges = graph.edges
    .filter(({ from, to }) => known.has(from) && known.has(to) && from !== to)
    .map(({ from, to, relation }) => (AGAINST.has(relation) ? { from: to, to: from, relation } : { from, to, relation }));
  for (const { from, to, relation } of edges) layout.setEdge(from, to, {}, relation);
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph();
  return {
    nodes: graph.nodes.map((node) => {
      const { x, y } = layout.node(node.entity) as { x: number; y: number };
      return { ...node, x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 };
    }),
    edges: edges.map((edge) => ({
      ...edge,
      points: (layout.edge(edge.from, edge.to, edge.relation) as { points?: { x: number; y: number }[] } | undefined)?.points ?? [],
    })),
    width,
    height,
  };
}

/** A smooth way through the points, as an SVG path; "" for fewer than two. */
export function pathOf(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined || rest.length === 0) return "";
  let path = `M${first.x},${first.y}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const [here, next] = [rest[i]!, rest[i + 1]!];
    const end = i === rest.length - 2 ? next : { x: (here.x + next.x) / 2, y: (here.y + next.y) / 2 };
    path += ` Q${here.x},${here.y} ${end.x},${end.y}`;
  }
  return rest.length === 1 ? `${path} L${rest[0]!.x},${rest[0]!.y}` : path;
}
