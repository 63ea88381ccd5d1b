import { Segmented } from "antd";
import { useSearchParams } from "react-router";
import type { EntityReply, Neighbours } from "../api/contracts.ts";
import { useEntity } from "../api/queries.ts";
import { ApiError } from "../api/request.ts";
import { fullTime } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { entityName } from "../format/words.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/marks.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { useNow } from "../parts/use-now.ts";
import { useTitle } from "../shell/use-title.ts";
import { ProcessTable } from "./process-table.tsx";
import { SeriesChart } from "./series-chart.tsx";
import { busiestProcesses } from "./series-figures.ts";
import { derivedGroups, seriesGroups } from "./series-groups.ts";
import { SeriesTable } from "./series-table.tsx";

const HOUR_MS = 3_600_000;
const RANGES = { "1h": HOUR_MS, "6h": 6 * HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS } as const;
type Range = keyof typeof RANGES;
const REFRESH_MS = 15_000;
/** With a moment given, a little of what came after it is shown too. */
const AFTER_SHARE = 0.25;

/** One entity: its charts, its series, and what it hangs together with. `at` in the address shows the past. */
export function EntityPage() {
  const [query] = useSearchParams();
  const entity = query.get("entity") ?? "";
  const at = query.get("at") ?? undefined;
  const words = useWords();
  const { t } = words;
  useTitle(words.entity(entity));
  const { data, error, refetch } = useEntity(entity, at);
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return <Nothing title={t("entity/notFound")} hint={entity} />;
  if (data === undefined) return error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} />;
  return (
    <div className="page">
      <Head data={data} at={at} />
      <div className="entity-columns">
        <div>
          <Charts data={data} at={at} />
          <SeriesTable series={data.series} truncated={data.seriesTruncated} />
        </div>
        <aside>
          <ProcessTable processes={busiestProcesses(data.series)} />
          <Relations data={data} at={at} />
        </aside>
      </div>
    </div>
  );
}

function Head({ data: { node }, at }: { data: EntityReply; at: string | undefined }) {
  const words = useWords();
  const { t } = words;
  const [query, setQuery] = useSearchParams();
  const toNow = (): void => {
    const next = new URLSearchParams(query);
    next.delete("at");
    setQuery(next);
  };
  return (
    <div className="page-head">
      <div>
        <p className="muted">{words.t(`entityTypes/${node.type}`)}</p>
        <h1>{entityName(node.entity, words.site)}</h1>
        <p className="muted">
          {t("entity/site")}: {node.site === "" ? t("common/none") : words.site(node.site)} · {t("entity/department")}:{" "}
          {node.department === "" ? t("common/none") : node.department} {node.declared ? <Mark tone="info">{t("entity/declared")}</Mark> : null}
        </p>
        {at === undefined ? null : (
          <p className="note">
            {t("entity/asOf", { time: fullTime(Date.parse(at)) })}{" "}
            <button type="button" className="as-link" onClick={toNow}>
              {t("entity/toNow")}
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

function Charts({ data, at }: { data: EntityReply; at: string | undefined }) {
  const { t } = useWords();
  const [query, setQuery] = useSearchParams();
  const now = useNow(REFRESH_MS);
  const asked = query.get("range");
  const range: Range = asked !== null && asked in RANGES ? (asked as Range) : "1h";
  const spanMs = RANGES[range];
  const untilMs = at === undefined ? now : Date.parse(at) + spanMs * AFTER_SHARE;
  const { entity, type } = data.node;
  const groups = [...derivedGroups(type), ...seriesGroups(data.series)];
  if (groups.length === 0) return <Nothing title={t("entity/noSeries")} />;
  const choose = (chosen: Range): void => {
    const next = new URLSearchParams(query);
    next.set("range", chosen);
    setQuery(next, { replace: true });
  };
  return (
    <section aria-label={t("entity/keyFigures")}>
      <div className="card-head">
        <h2>{t("entity/keyFigures")}</h2>
        <Segmented
          aria-label={t("entity/range")}
          size="small"
          value={range}
          onChange={choose}
          options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(`entity/ranges/${value}`) }))}
        />
      </div>
      <div className="charts">
        {groups.map((group) => (
          <SeriesChart key={group.metric} group={group} fromMs={untilMs - spanMs} untilMs={untilMs} entity={entity} />
        ))}
      </div>
    </section>
  );
}

const RELATIONS = ["standsOn", "carries", "calls", "calledBy", "instances"] as const;

function Relations({ data, at }: { data: EntityReply; at: string | undefined }) {
  const { t } = useWords();
  const some = RELATIONS.filter((name) => data[name].total > 0);
  if (some.length === 0) return <p className="muted">{t("entity/noRelations")}</p>;
  return some.map((name) => (
    <Section key={name} title={`${t(`entity/relations/${name}`)} (${data[name].total})`}>
      <NeighbourList neighbours={data[name]} at={at} />
    </Section>
  ));
}

function NeighbourList({ neighbours: { entities, total }, at }: { neighbours: Neighbours; at: string | undefined }) {
  const { t } = useWords();
  return (
    <ul className="neighbours">
      {entities.map((entity) => (
        <li key={entity}>
          <EntityLink entity={entity} at={at} />
        </li>
      ))}
      {total > entities.length ? <li className="muted">{t("entity/more", { count: total - entities.length })}</li> : null}
    </ul>
  );
}
