import { useOverview } from "../api/queries.ts";
import { shortTime } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { LevelMark } from "../parts/marks.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Problem, problemText } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { useMay } from "../shell/session-context.ts";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useTitle } from "../shell/use-title.ts";
import { NewestIncidents } from "./newest-incidents.tsx";
import { SiteCard } from "./site-card.tsx";
import { ThisMachine } from "./this-machine.tsx";
import { TileGrid } from "./tile-grid.tsx";
import { openCount, summaryOf } from "./tile-model.ts";

const LEVELS = ["ok", "degraded", "failing", "unknown"] as const;

/** What is broken now, where, and how fresh that knowledge is. */
export function OverviewPage() {
  const words = useWords();
  const { t } = words;
  useTitle(t("overview/title"));
  const list = useListKeys<HTMLDivElement>();
  const mayReadTelemetry = useMay("telemetry:read");
  const { data, error, refetch } = useOverview();
  if (data === undefined) return error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} />;
  const { ok, troubled, silent } = summaryOf(data.tiles, data.others);
  const sites = [...data.tiles.flatMap((tile) => tile.sites), ...data.others];
  const figures: [string, number][] = [
    [t("overview/summary/failing"), troubled],
    [t("overview/summary/sites"), ok],
    [t("overview/summary/silent"), silent],
  ];
  return (
    <div className="page" ref={list}>
      <div className="page-head">
        <div>
          <h1>{t("overview/title")}</h1>
          <p className="muted">{t("overview/subtitle")}</p>
        </div>
        <dl className="summary">
          {figures.map(([name, count]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{count}</dd>
            </div>
          ))}
        </dl>
      </div>
      {error === null ? null : <p className="note">{t("common/stale", { reason: problemText(error, words) })}</p>}
      {data.telemetryKnown ? null : <p className="note">{t("overview/unknownTelemetry")}</p>}
      {sites.every((site) => site.freshness.state === "never") && sites.every((site) => openCount(site) === 0) ? (
        <Nothing title={t("overview/welcome")} hint={t("overview/welcomeHint")} />
      ) : null}
      <div className="overview">
        <div>
          <TileGrid tiles={data.tiles} />
          <p className="legend small">
            {LEVELS.map((level) => (
              <LevelMark key={level} level={level} />
            ))}
            <span className="muted">{t("overview/healthHint")}</span>
            <span className="muted">{t("common/updated", { time: shortTime(Date.parse(data.at), Date.now()) })}</span>
          </p>
        </div>
        <aside>
          <NewestIncidents />
          {mayReadTelemetry ? <ThisMachine /> : null}
          {data.others.length === 0 ? null : (
            <Section title={t("overview/others")}>
              <div className="others">
                {data.others.map((site) => (
                  <SiteCard key={site.site} state={site} />
                ))}
              </div>
            </Section>
          )}
        </aside>
      </div>
    </div>
  );
}
