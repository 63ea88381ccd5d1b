import { Segmented } from "antd";
import { useMemo, useState } from "react";
import type { RcaReport } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { Mark } from "../parts/marks.tsx";
import { Section } from "../parts/section.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { CauseGraph } from "./cause-graph.tsx";
import { layOut } from "./graph-layout.ts";

/** How the failure went through the estate: as a graph, or the same as a table. */
export function GraphSection({ graph, at }: { graph: RcaReport["graph"]; at: string }) {
  const { t } = useWords();
  const [view, setView] = useState<"graph" | "table">("graph");
  const [direction] = useState<"LR" | "TB">(() => (matchMedia("(max-width: 700px)").matches ? "TB" : "LR"));
  const placed = useMemo(() => layOut(graph, direction), [graph, direction]);
  return (
    <Section
      title={t("incident/sections/graph")}
      extra={
        <Segmented
          size="small"
          aria-label={t("incident/sections/graph")}
          value={view}
          onChange={setView}
          options={[
            { value: "graph", label: t("graph/asGraph") },
            { value: "table", label: t("graph/asTable") },
          ]}
        />
      }
    >
      {view === "graph" ? (
        <>
          <CauseGraph placed={placed} at={at} />
          <p className="muted small">{t("graph/legend")}</p>
        </>
      ) : (
        <GraphTable placed={placed} at={at} />
      )}
    </Section>
  );
}

const TONES = { cause: "bad", symptom: "warn", between: "unknown" } as const;

function GraphTable({ placed, at }: { placed: ReturnType<typeof layOut>; at: string }) {
  const words = useWords();
  const { t } = words;
  return (
    <WideTable label={t("incident/sections/graph")} wide>
      <thead>
        <tr>
          <th scope="col">{t("graph/entity")}</th>
          <th scope="col">{t("graph/role")}</th>
          <th scope="col">{t("graph/site")}</th>
          <th scope="col">{t("graph/affects")}</th>
        </tr>
      </thead>
      <tbody>
        {placed.nodes.map((node) => (
          <tr key={node.entity}>
            <td>
              <EntityLink entity={node.entity} at={at} />
            </td>
            <td>
              <Mark tone={TONES[node.role]}>{t(`graph/roles/${node.role}`)}</Mark>
            </td>
            <td>{words.site(node.site)}</td>
            <td>{words.list(placed.edges.filter((edge) => edge.from === node.entity).map((edge) => words.entity(edge.to)))}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
