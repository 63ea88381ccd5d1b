import { useSystem } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { formatBytes, formatCount } from "../format/value.ts";
import { Loading } from "../parts/loading.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { useTitle } from "../shell/use-title.ts";
import { AccountingSection } from "./accounting-section.tsx";
import { CardinalitySection } from "./cardinality-section.tsx";
import { DeadLettersSection } from "./dead-letters-section.tsx";
import { SendersSection } from "./senders-section.tsx";

/** How Yunwei itself is. */
export function SystemPage() {
  const { t } = useWords();
  useTitle(t("system/title"));
  const { data, error, refetch } = useSystem();
  if (data === undefined) return error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} />;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t("system/title")}</h1>
      </div>
      <dl className="figures card">
        <div>
          <dt>{t("system/version")}</dt>
          <dd>{data.version}</dd>
        </div>
        <div>
          <dt>{t("system/started")}</dt>
          <dd>
            <TimeText ms={Date.parse(data.startedAt)} />
          </dd>
        </div>
        <div>
          <dt>{t("system/lag")}</dt>
          <dd>
            {formatCount(data.ingestLag)} {data.ingestLag < 100 ? <span className="muted small">{t("system/lagOk")}</span> : null}
          </dd>
        </div>
      </dl>
      <AccountingSection />
      <DeadLettersSection />
      <SendersSection />
      <CardinalitySection />
      <Section title={t("system/tables")}>
        <WideTable label={t("system/tables")}>
          <thead>
            <tr>
              <th scope="col">{t("system/table")}</th>
              <th scope="col" className="number">
                {t("system/rows")}
              </th>
              <th scope="col" className="number">
                {t("system/bytes")}
              </th>
            </tr>
          </thead>
          <tbody>
            {data.tables.map((table) => (
              <tr key={table.table}>
                <td className="code">{table.table}</td>
                <td className="number">{formatCount(table.rows)}</td>
                <td className="number">{formatBytes(table.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      </Section>
      <p>
        <a href="/api/v1/openapi.json">{t("system/api")}</a>
      </p>
    </div>
  );
}
