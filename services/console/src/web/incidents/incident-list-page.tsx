import { Button, Input, Segmented, Select } from "antd";
import { useSearchParams } from "react-router";
import type { Incident } from "../api/contracts.ts";
import { useIncidents } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Problem, problemText } from "../parts/problem.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useTitle } from "../shell/use-title.ts";
import { filtersOf, type IncidentFilters, isShown, queryOfFilters } from "./incident-filters.ts";
import { IncidentRow } from "./incident-row.tsx";

const PRIORITIES = ["P1", "P2", "P3", "P4"] as const;

/** All incidents, filtered by what the address says. New ones come in by themselves, and nothing jumps. */
export function IncidentListPage() {
  const words = useWords();
  const { t } = words;
  useTitle(t("incidents/title"));
  const [query, setQuery] = useSearchParams();
  const filters = filtersOf(query);
  const list = useListKeys<HTMLUListElement>();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useIncidents(filters.state);
  const all = data?.pages.flatMap((page) => page.incidents);
  const shown = all?.filter((incident) => isShown(incident, filters));
  const change = (changes: Partial<IncidentFilters>): void => setQuery(queryOfFilters({ ...filters, ...changes }), { replace: true });
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t("incidents/title")}</h1>
          <p className="muted">
            {shown === undefined ? "" : t("incidents/count", { count: shown.length })} · {t("incidents/auto")}
          </p>
        </div>
      </div>
      <Filters filters={filters} incidents={all ?? []} onChange={change} />
      {error !== null && data !== undefined ? <p className="note">{t("common/stale", { reason: problemText(error, words) })}</p> : null}
      {data === undefined ? error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} /> : null}
      {shown?.length === 0 ? <Empty filters={filters} onClear={() => setQuery({}, { replace: true })} /> : null}
      <ul className="incident-list" ref={list} aria-label={t("incidents/title")}>
        {shown?.map((incident) => (
          <IncidentRow key={incident.incidentId} incident={incident} />
        ))}
      </ul>
      {hasNextPage ? (
        <Button onClick={() => void fetchNextPage()} loading={isFetchingNextPage}>
          {t("common/loadMore")}
        </Button>
      ) : null}
    </div>
  );
}

function Filters({
  filters,
  incidents,
  onChange,
}: {
  filters: IncidentFilters;
  incidents: readonly Incident[];
  onChange: (changes: Partial<IncidentFilters>) => void;
}) {
  const { t, site } = useWords();
  const sites = [...new Set([...incidents.flatMap((incident) => incident.sites), ...(filters.site === "" ? [] : [filters.site])])].sort();
  return (
    <search className="filters">
      <Segmented<IncidentFilters["state"]>
        aria-label={t("incidents/filterState")}
        value={filters.state}
        options={[
          { value: "open", label: t("incidents/open") },
          { value: "all", label: t("incidents/allStates") },
        ]}
        onChange={(state) => onChange({ state })}
      />
      <Select
        aria-label={t("incidents/filterPriority")}
        value={filters.priority}
        options={[
          { value: "", label: t("incidents/anyPriority") },
          ...PRIORITIES.map((value) => ({ value: value as string, label: `${value} ${t(`priorities/${value}`)}` })),
        ]}
        onChange={(priority) => onChange({ priority })}
        popupMatchSelectWidth={false}
      />
      <Select
        aria-label={t("incidents/filterSite")}
        value={filters.site}
        options={[{ value: "", label: t("incidents/anySite") }, ...sites.map((value) => ({ value, label: site(value) }))]}
        onChange={(chosen) => onChange({ site: chosen })}
        popupMatchSelectWidth={false}
      />
      <span data-search className="filter-search">
        <Input
          type="search"
          aria-label={t("incidents/search")}
          placeholder={t("incidents/search")}
          value={filters.text}
          maxLength={200}
          onChange={(event) => onChange({ text: event.target.value })}
        />
      </span>
    </search>
  );
}

function Empty({ filters, onClear }: { filters: IncidentFilters; onClear: () => void }) {
  const { t } = useWords();
  const filtered = filters.priority !== "" || filters.site !== "" || filters.text !== "";
  if (!filtered) return <Nothing title={t("incidents/none")} {...(filters.state === "open" ? { hint: t("incidents/noneHint") } : {})} />;
  return (
    <Nothing title={t("incidents/noneFiltered")}>
      <Button onClick={onClear}>{t("incidents/clearFilters")}</Button>
    </Nothing>
  );
}
