import { Input } from "antd";
import { useState } from "react";
import type { EntitySeries } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { WideTable } from "../parts/wide-table.tsx";

const SHOWN = 100;

/** Every series of an entity with its newest value. */
export function SeriesTable({ series, truncated }: { series: readonly EntitySeries[]; truncated: boolean }) {
  const words = useWords();
  const { t } = words;
  const [filter, setFilter] = useState("");
  if (series.length === 0) return null;
  const wanted = filter.trim().toLowerCase();
  const textOf = (one: EntitySeries): string =>
    [one.metric, words.metric(one.metric), ...Object.entries(one.labels).map((label) => label.join("="))].join(" ").toLowerCase();
  const found = series.filter((one) => wanted === "" || textOf(one).includes(wanted));
  return (
    <Section title={t("entity/series")} extra={<span className="muted small">{t("entity/seriesCount", { count: found.length })}</span>}>
      <span data-search>
        <Input
          type="search"
          size="small"
          aria-label={t("entity/filter")}
          placeholder={t("entity/filter")}
          value={filter}
          maxLength={200}
          onChange={(event) => setFilter(event.target.value)}
        />
      </span>
      <WideTable label={t("entity/series")} wide>
        <thead>
          <tr>
            <th scope="col">{t("entity/metric")}</th>
            <th scope="col">{t("entity/labels")}</th>
            <th scope="col" className="number">
              {t("entity/last")}
            </th>
            <th scope="col">{t("entity/at")}</th>
          </tr>
        </thead>
        <tbody>
          {found.slice(0, SHOWN).map((one) => (
            <tr key={one.seriesId}>
              <td>
                {words.metric(one.metric)}
                {words.metric(one.metric) === one.metric ? null : <div className="muted small code">{one.metric}</div>}
              </td>
              <td className="small code">
                {Object.entries(one.labels).map((label) => (
                  <div key={label[0]}>{label.join("=")}</div>
                ))}
              </td>
              <td className="number">
                {one.last === null ? <span className="muted small">{t("entity/noLast")}</span> : words.value(one.last, one.readUnit, one.metric)}
              </td>
              <td className="small">{one.lastAt === undefined ? null : <TimeText ms={Date.parse(one.lastAt)} />}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      {found.length > SHOWN || truncated ? <p className="muted small">{t("entity/truncated", { count: Math.min(found.length, SHOWN) })}</p> : null}
    </Section>
  );
}
