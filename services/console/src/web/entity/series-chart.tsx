import { useQueries } from "@tanstack/react-query";
import type { SeriesPoints } from "../api/contracts.ts";
import { queryOf, request } from "../api/request.ts";
import { useWords } from "../format/use-words.ts";
import { LineChart } from "../parts/line-chart.tsx";
import { Loading } from "../parts/loading.tsx";
import { labelText, type SeriesGroup } from "./series-groups.ts";

/** One chart of an entity: the series of one metric. @param untilMs - end of the window, event time */
export function SeriesChart({ entity, group, fromMs, untilMs }: { entity: string; group: SeriesGroup; fromMs: number; untilMs: number }) {
  const words = useWords();
  const { t } = words;
  const window = { from: new Date(fromMs).toISOString(), to: new Date(untilMs).toISOString() };
  const answers = useQueries({
    queries: group.series.map(({ seriesId, metric }) => ({
      queryKey: ["points", seriesId, entity, metric, window],
      queryFn: () => request<SeriesPoints>("GET", `/series/${seriesId}/points${queryOf({ metric, entity, ...window, maxPoints: 240 })}`),
      placeholderData: (before: SeriesPoints | undefined) => before,
    })),
  });
  const name = words.metric(group.metric);
  const lines = group.series.map((series, index) => ({ name: labelText(series.labels) || name, points: answers[index]?.data?.points ?? [] }));
  const empty = lines.every((line) => line.points.length === 0);
  const isDerived = answers.some((answer) => answer.data?.resolution === "derived");
  const waiting = answers.some((answer) => answer.data === undefined && answer.error === null);
  return (
    <figure className="card chart">
      <figcaption>
        <b>{name}</b> <span className="muted small">{group.more > 0 ? t("entity/more", { count: group.more }) : ""}</span>
      </figcaption>
      {empty && waiting ? <Loading /> : null}
      {empty && !waiting ? <p className="chart-empty">{t(isDerived ? "chart/empty/no_requests" : "chart/empty/no_points")}</p> : null}
      {empty ? null : (
        <LineChart
          unit={group.unit}
          lines={lines}
          fromMs={fromMs}
          untilMs={untilMs}
          format={(value) => words.value(value, group.unit, group.metric)}
          label={t("chart/label", { what: name })}
        />
      )}
      {lines.length > 1 ? (
        <ul className="chart-legend small">
          {lines.map((line, index) => (
            <li key={line.name} className={`line-${index}`}>
              {line.name} <b>{words.value(group.series[index]!.last, group.unit, group.metric)}</b>
            </li>
          ))}
        </ul>
      ) : null}
    </figure>
  );
}
