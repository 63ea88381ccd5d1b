import { Link } from "react-router";
import type { SiteState } from "../api/contracts.ts";
import { queryOf } from "../api/request.ts";
import { fullTime } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { LevelMark, PriorityMark } from "../parts/marks.tsx";
import { useMay } from "../shell/session-context.ts";
import { freshnessText, openCount } from "./tile-model.ts";

const PRIORITIES = ["P1", "P2", "P3", "P4"] as const;

/** One site: how it is, how fresh that is, and what is open. @param compact - part of a tile with several */
export function SiteCard({ state, compact = false }: { state: SiteState; compact?: boolean }) {
  const words = useWords();
  const { t } = words;
  const open = openCount(state);
  const mayReadTelemetry = useMay("telemetry:read");
  const name = words.or(`sites/${state.site}`, words.pick(state));
  return (
    <article className={`site level-${state.level}${compact ? " site-compact" : ""}`}>
      <div className="site-head">
        <h3>{mayReadTelemetry ? <Link to={`/entities${queryOf({ site: state.site })}`}>{name}</Link> : name}</h3>
        <LevelMark level={state.level} />
      </div>
      <p className="site-health" title={t("overview/healthHint")}>
        <span className="muted small">{t("overview/health")}</span> <b>{state.health ?? "—"}</b>
      </p>
      <p className="small site-fresh">
        <Freshness state={state} />
      </p>
      <p className="small site-open">
        {open === 0 ? (
          <span className="muted">{t("overview/noIncidents")}</span>
        ) : (
          <Link to={`/incidents${queryOf({ site: state.site })}`}>
            <span className="only-read">{`${name} ${t("overview/openIncidents")} `}</span>
            {PRIORITIES.filter((priority) => state.incidents[priority] > 0).map((priority) => (
              <PriorityMark key={priority} priority={priority} count={state.incidents[priority]} />
            ))}
          </Link>
        )}
      </p>
      {state.series === null || compact ? null : (
        <p className="small muted site-counts">
          {t("overview/hosts")} {state.hosts ?? 0} · {t("overview/series")} {state.series}
        </p>
      )}
    </article>
  );
}

function Freshness({ state }: { state: SiteState }) {
  const words = useWords();
  const text = freshnessText(state);
  const { ageSeconds = 0, newestAt } = state.freshness;
  const time = newestAt === undefined ? "" : fullTime(Date.parse(newestAt)).slice(5, 16);
  const sentence = words.t(`overview/${text}`, { duration: words.duration(ageSeconds * 1000), time });
  return <span className={text === "fresh" ? "muted" : `fresh-${state.freshness.state}`}>{sentence}</span>;
}
