import { useState } from "react";
import { type CardinalityReply, type MetricLabels, useCardinality } from "../api/ingest-queries.ts";
import { useWords } from "../format/use-words.ts";
import { formatCount, formatPercent } from "../format/value.ts";
import { Mark } from "../parts/marks.tsx";
import { Section } from "../parts/section.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { Heads } from "./heads.tsx";

/** As the API names the resource among the labels. */
const RESOURCE = "(resource)";
const SHOWN = 15;

/** Metrics by their number of series, and the labels of the one that is chosen. */
export function CardinalitySection() {
  const { t } = useWords();
  const [metric, choose] = useState("");
  const { data } = useCardinality(metric);
  if (data === undefined) return null;
  return (
    <Section title={t("ingest/series")}>
      {data.metrics.length === 0 ? (
        <p className="muted">{t("ingest/noSeries")}</p>
      ) : (
        <>
          <p className="muted small">{t("ingest/seriesHint")}</p>
          <Metrics data={data} chosen={metric} onChoose={choose} />
          {data.labels === undefined || metric === "" ? null : <Labels labels={data.labels} />}
        </>
      )}
    </Section>
  );
}

function Metrics({ data, chosen, onChoose }: { data: CardinalityReply; chosen: string; onChoose: (metric: string) => void }) {
  const { t } = useWords();
  return (
    <WideTable label={t("ingest/series")} wide>
      <Heads names={[t("ingest/metric"), t("ingest/today"), t("ingest/yesterday"), t("ingest/change")]} numbers={3} />
      <tbody>
        {data.metrics.slice(0, SHOWN).map(({ metric, series, seriesBefore }) => {
          const refused = data.guarded.filter((one) => one.metric === metric).reduce((sum, { refusedPoints }) => sum + refusedPoints, 0);
          return (
            <tr key={metric}>
              <td>
                <button type="button" className="as-link code" aria-expanded={chosen === metric} onClick={() => onChoose(chosen === metric ? "" : metric)}>
                  {metric}
                </button>{" "}
                {refused === 0 ? null : (
                  <Mark tone="bad" sign="!">
                    {t("ingest/guarded", { count: formatCount(refused) })}
                  </Mark>
                )}
              </td>
              <td className="number">{formatCount(series)}</td>
              <td className="number">{formatCount(seriesBefore)}</td>
              <td className="number">{seriesBefore === 0 ? t("ingest/isNew") : change(series / seriesBefore - 1)}</td>
            </tr>
          );
        })}
      </tbody>
    </WideTable>
  );
}

function Labels({ labels: { metric, labels, sampledOneIn } }: { labels: MetricLabels }) {
  const { t, list } = useWords();
  const share = (ratio: number) => (sampledOneIn > 1 ? t("ingest/atLeast", { share: formatPercent(ratio) }) : formatPercent(ratio));
  return (
    <>
      <h3>{t("ingest/labelsOf", { metric })}</h3>
      {sampledOneIn > 1 ? <p>{t("ingest/sampled", { n: sampledOneIn })}</p> : null}
      <WideTable label={t("ingest/labelsOf", { metric })} wide>
        <Heads names={[t("ingest/label"), t("ingest/top"), t("ingest/values"), t("ingest/share")]} numbers={2} />
        <tbody>
          {labels.map(({ label, values, share: ratio, top }) => (
            <tr key={label}>
              <td className={label === RESOURCE ? undefined : "code"}>{label === RESOURCE ? t("ingest/resource") : label}</td>
              <td className="small">
                {top.length === 0 ? (
                  <span className="muted">{t("ingest/noStanding")}</span>
                ) : (
                  list(top.slice(0, 3).map(({ value, series }) => `${value} (${formatCount(series)})`))
                )}
              </td>
              <td className="number">{formatCount(values)}</td>
              <td className="number">{share(ratio)}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
    </>
  );
}

function change(ratio: number): string {
  return `${ratio > 0 ? "+" : ""}${Math.round(100 * ratio)}%`;
}
