import type { RcaReport } from "../api/contracts.ts";
import { usePoints } from "../api/queries.ts";
import { ApiError } from "../api/request.ts";
import { clockTime, msOfNano } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { LineChart } from "../parts/line-chart.tsx";
import { Loading } from "../parts/loading.tsx";
import { problemText } from "../parts/problem.tsx";

type Evidence = RcaReport["causes"][number]["evidence"][number];

const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 30 * 60_000;

/** The series of an item of evidence around its onset, with what was normal; or the reason why there is no line. */
export function EvidenceChart({ item, label }: { item: Evidence; label: string }) {
  const words = useWords();
  const { t } = words;
  const onsetMs = msOfNano(item.onsetUnixNano);
  const window = { from: new Date(onsetMs - BEFORE_MS).toISOString(), to: new Date(onsetMs + AFTER_MS).toISOString() };
  const { data, error } = usePoints({ seriesId: item.seriesId, metric: item.metric, entity: item.entity, ...window });
  if (error !== null) return <p className="chart-empty">{reasonOf(error)}</p>;
  if (data === undefined) return <Loading />;
  if (data.reason !== undefined)
    return <p className="chart-empty">{t(`chart/empty/${data.resolution === "derived" && data.reason === "no_points" ? "no_requests" : data.reason}`)}</p>;
  const unit = data.unit === "" ? item.unit : data.unit;
  return (
    <figure className="chart">
      <LineChart
        lines={[{ name: words.metric(item.metric), points: data.points }]}
        fromMs={onsetMs - BEFORE_MS}
        untilMs={onsetMs + AFTER_MS}
        unit={unit}
        format={(value) => words.value(value, unit, item.metric)}
        level={{ value: item.expected, name: t("chart/expected", { value: words.value(item.expected, item.unit, item.metric) }) }}
        moment={{ ms: onsetMs, name: t("chart/onset", { time: clockTime(onsetMs) }) }}
        label={t("chart/label", { what: label })}
      />
      <figcaption className="muted small">
        {t(`chart/resolution/${data.resolution}`)} · {t("zone")}
      </figcaption>
    </figure>
  );

  function reasonOf(failure: unknown): string {
    if (failure instanceof ApiError && failure.status === 404) return t("chart/empty/unknown_series");
    if (failure instanceof ApiError && failure.status === 403) return t("chart/empty/no_right");
    return t("chart/empty/failed", { reason: problemText(failure, words) });
  }
}
