import { useState } from "react";
import type { AlertGroup } from "../api/contracts.ts";
import { useAlertGroup } from "../api/queries.ts";
import { ApiError } from "../api/request.ts";
import { msOfNano } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { Loading } from "../parts/loading.tsx";
import { SeverityMark } from "../parts/marks.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { useMay } from "../shell/session-context.ts";

const FOLDED = 8;

/** Alerts that were joined into this incident. */
export function AlertsSection({ groupId }: { groupId: string | undefined }) {
  const { t } = useWords();
  const mayRead = useMay("alert:read");
  const { data, error, refetch } = useAlertGroup(mayRead ? groupId : undefined);
  if (!mayRead) return null;
  return (
    <Section
      title={t("incident/sections/alerts")}
      extra={data === undefined ? null : <span className="muted small">{t("alerts/counted", { count: data.alertCount })}</span>}
    >
      {groupId === undefined ? <p className="muted">{t("alerts/noGroup")}</p> : null}
      {groupId !== undefined && data === undefined ? <Absent error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Alerts group={data} />}
    </Section>
  );
}

function Absent({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useWords();
  if (error === null) return <Loading />;
  if (error instanceof ApiError && error.status === 404) return <p className="muted">{t("alerts/missing")}</p>;
  return <Problem error={error} onRetry={onRetry} />;
}

function Alerts({ group }: { group: AlertGroup }) {
  const words = useWords();
  const { t } = words;
  const [all, setAll] = useState(false);
  const shown = all ? group.alerts : group.alerts.slice(0, FOLDED);
  if (group.alerts.length === 0) return <p className="muted">{t("alerts/none")}</p>;
  return (
    <>
      <WideTable label={t("incident/sections/alerts")} wide>
        <thead>
          <tr>
            <th scope="col">{t("alerts/severity")}</th>
            <th scope="col">{t("alerts/entity")}</th>
            <th scope="col">{t("alerts/reading")}</th>
            <th scope="col">{t("alerts/condition")}</th>
            <th scope="col">{t("alerts/since")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((alert) => (
            <tr key={alert.alertId}>
              <td>
                <SeverityMark severity={alert.severity} />
              </td>
              <td>
                <EntityLink entity={alert.entity} at={new Date(msOfNano(alert.startedUnixNano)).toISOString()} />
              </td>
              <td>
                {words.metric(alert.metric)} <b>{alert.direction === "absent" ? t("noValue") : words.value(alert.value, alert.unit, alert.metric)}</b>{" "}
                <span className="muted small">{t("chart/expected", { value: words.value(alert.expected, alert.unit, alert.metric) })}</span>
              </td>
              <td>{words.or(`alerts/conditions/${alert.condition}`, alert.condition)}</td>
              <td>
                <TimeText ms={msOfNano(alert.startedUnixNano)} />
              </td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      {group.alerts.length > FOLDED ? (
        <button type="button" className="as-link" onClick={() => setAll(!all)}>
          {t(all ? "common/hide" : "common/more")} ({group.alerts.length})
        </button>
      ) : null}
      {group.joins.length === 0 ? null : (
        <details className="small">
          <summary>{t("alerts/joined")}</summary>
          <ul>
            {group.joins.map((join) => (
              <li key={join}>{join}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
