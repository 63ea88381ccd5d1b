import { useNavigate } from "react-router";
import { useWords } from "../format/use-words.ts";
import { entityName } from "../format/words.ts";
import { entityPath } from "../parts/entity-link.tsx";
import { NODE_HEIGHT, NODE_WIDTH, type PlacedEdge, type PlacedGraph, type PlacedNode, pathOf } from "./graph-layout.ts";

const SIGNS = { cause: "✕", symptom: "▲", between: "·" } as const;
/** Characters that fit a node; Chinese ones count double. */
const NAME_UNITS = 19;
const KIND_UNITS = 25;
/** A graph may shrink to this share of its size before it scrolls. */
const LEAST_SCALE = 0.72;

/** The graph as SVG: every node can be reached and opened with the keyboard. Wide graphs scroll in their own place. */
export function CauseGraph({ placed, at }: { placed: PlacedGraph; at: string }) {
  const { t } = useWords();
  const { nodes, edges, width, height } = placed;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section className="scroll-x graph" tabIndex={0} aria-label={t("graph/label", { count: nodes.length })}>
      <svg viewBox={`0 0 ${width} ${height}`} style={{ width: "100%", minWidth: width * LEAST_SCALE, maxWidth: width }}>
        <title>{t("graph/label", { count: nodes.length })}</title>
        <defs>
          <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
            <path d="M0,0 L10,5 L0,10 z" className="graph-arrow" />
          </marker>
        </defs>
        {edges.map((edge) => (
          <Edge key={`${edge.from}|${edge.to}|${edge.relation}`} edge={edge} />
        ))}
        {nodes.map((node) => (
          <Node key={node.entity} node={node} at={at} />
        ))}
      </svg>
    </section>
  );
}

function Edge({ edge }: { edge: PlacedEdge }) {
  const words = useWords();
  const relation = words.or(`graph/relation/${edge.relation}`, edge.relation);
  return (
    <path d={pathOf(edge.points)} className="graph-edge" markerEnd="url(#arrow)">
      <title>{`${words.entity(edge.from)} → ${words.entity(edge.to)} (${relation})`}</title>
    </path>
  );
}

function Node({ node, at }: { node: PlacedNode; at: string }) {
  const words = useWords();
  const navigate = useNavigate();
  const open = (): void => void navigate(entityPath(node.entity, at));
  const role = words.t(`graph/roles/${node.role}`);
  const kind = words.or(`entityTypes/${node.entity.split(":", 1)[0]}`, "");
  return (
    // biome-ignore lint/a11y/useSemanticElements: an SVG group cannot be an anchor of the router
    <g
      role="link"
      tabIndex={0}
      className={`graph-node graph-${node.role}`}
      transform={`translate(${node.x},${node.y})`}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === "Enter") open();
      }}
    >
      <title>{words.entity(node.entity)}</title>
      <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx="8" />
      <text x="12" y="24" className="graph-name">
        {cut(entityName(node.entity, words.site), NAME_UNITS)}
      </text>
      <text x="12" y="43" className="graph-kind">
        {cut([kind, words.site(node.site)].filter((part) => part !== "").join(" · "), KIND_UNITS)}
      </text>
      <text x="12" y="62" className="graph-kind">
        {`${SIGNS[node.role]} ${role}`}
      </text>
    </g>
  );
}

/** Cuts in the middle: the end of a name tells instances apart. */
function cut(name: string, units: number): string {
  const size = (text: string): number => [...text].reduce((sum, character) => sum + (character > "\u2e80" ? 2 : 1), 0);
  if (size(name) <= units) return name;
  const characters = [...name];
  while (size(characters.join("")) > units - 1) characters.splice(Math.floor(characters.length / 2), 1);
  const middle = Math.floor(characters.length / 2);
  return `${characters.slice(0, middle).join("")}…${characters.slice(middle).join("")}`;
}
