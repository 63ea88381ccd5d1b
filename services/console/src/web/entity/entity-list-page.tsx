import { Input, Select } from "antd";
import { useSearchParams } from "react-router";
import { useEntities } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/marks.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Problem } from "../parts/problem.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useTitle } from "../shell/use-title.ts";
import { ENTITY_TYPE_NAMES, SITE_IDS } from "./entity-types.ts";

/** Everything that telemetry or people told of, found by name, kind and site; the question is kept in the address. */
export function EntityListPage() {
  const words = useWords();
  const { t } = words;
  useTitle(t("entity/title"));
  const list = useListKeys<HTMLTableSectionElement>();
  const [query, setQuery] = useSearchParams();
  const question = { query: query.get("query") ?? "", type: query.get("type") ?? "", site: query.get("site") ?? "" };
  const { data, error, refetch } = useEntities(question);
  const change = (name: string, value: string): void => {
    const next = new URLSearchParams(query);
    if (value === "") next.delete(name);
    else next.set(name, value);
    setQuery(next, { replace: true });
  };
  const asked = Object.values(question).some((part) => part !== "");
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{t("entity/title")}</h1>
          <p className="muted">
            {data === undefined ? "" : t("entity/count", { count: data.total })}
            {data !== undefined && data.total > data.entities.length ? ` · ${t("entity/shown", { shown: data.entities.length })}` : ""}
          </p>
        </div>
      </div>
      <search className="filters">
        <span data-search className="filter-search">
          <Input
            type="search"
            aria-label={t("entity/search")}
            placeholder={t("entity/search")}
            value={question.query}
            maxLength={200}
            onChange={(event) => change("query", event.target.value)}
          />
        </span>
        <Select
          aria-label={t("entity/type")}
          value={question.type}
          onChange={(type) => change("type", type)}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: t("entity/anyType") },
            ...ENTITY_TYPE_NAMES.map((value) => ({ value: value as string, label: t(`entityTypes/${value}`) })),
          ]}
        />
        <SiteSelect value={question.site} onChange={(site) => change("site", site)} />
      </search>
      {data === undefined ? error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} /> : null}
      {data?.entities.length === 0 ? (
        asked ? (
          <Nothing title={t("entity/noneFiltered")} />
        ) : (
          <Nothing title={t("entity/none")} hint={t("entity/noneHint")} />
        )
      ) : null}
      {data === undefined || data.entities.length === 0 ? null : (
        <div className="card">
          <WideTable label={t("entity/title")}>
            <thead>
              <tr>
                <th scope="col">{t("entity/title")}</th>
                <th scope="col">{t("entity/site")}</th>
                <th scope="col">{t("entity/department")}</th>
                <th scope="col" aria-label={t("entity/declared")} />
              </tr>
            </thead>
            <tbody ref={list}>
              {data.entities.map((node) => (
                <tr key={node.entity}>
                  <td>
                    <EntityLink entity={node.entity} />
                  </td>
                  <td>{words.site(node.site)}</td>
                  <td>{node.department}</td>
                  <td>{node.declared ? <Mark tone="info">{t("entity/declared")}</Mark> : null}</td>
                </tr>
              ))}
            </tbody>
          </WideTable>
        </div>
      )}
    </div>
  );
}

function SiteSelect({ value, onChange }: { value: string; onChange: (site: string) => void }) {
  const { t, site } = useWords();
  const sites = [...new Set([...SITE_IDS, ...(value === "" ? [] : [value])])];
  return (
    <Select
      aria-label={t("entity/site")}
      value={value}
      onChange={onChange}
      popupMatchSelectWidth={false}
      options={[{ value: "", label: t("incidents/anySite") }, ...sites.map((id) => ({ value: id, label: site(id) }))]}
    />
  );
}
