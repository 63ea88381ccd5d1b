import { useParams } from "react-router";
import type { Incident } from "../api/contracts.ts";
import { useIncident } from "../api/queries.ts";
import { ApiError } from "../api/request.ts";
import { useWords } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Problem, problemText } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { useTitle } from "../shell/use-title.ts";
import { AlertsSection } from "./alerts-section.tsx";
import { CausesSection } from "./causes-section.tsx";
import { ChangesSection } from "./changes-section.tsx";
import { GraphSection } from "./graph-section.tsx";
import { ImpactSection } from "./impact-section.tsx";
import { IncidentActions } from "./incident-actions.tsx";
import { IncidentHeader } from "./incident-header.tsx";
import { NotificationsSection } from "./notifications-section.tsx";
import { TimelineSection } from "./timeline-section.tsx";

/** Everything about one incident: what it is, why, whom it touches, what was done, and what may be done next. */
export function IncidentPage() {
  const { incidentId = "" } = useParams();
  const words = useWords();
  const { t } = words;
  const { data, error, refetch } = useIncident(incidentId);
  useTitle(data === undefined ? t("incidents/title") : `${data.incident.number} ${words.pick(data.incident.title)}`);
  if (data === undefined) {
    if (error === null) return <Loading />;
    if (error instanceof ApiError && error.status === 404) return <Nothing title={t("incident/notFound")} />;
    return <Problem error={error} onRetry={() => void refetch()} />;
  }
  const { incident, moves } = data;
  return (
    <div className="page incident">
      {error === null ? null : <p className="note">{t("common/stale", { reason: problemText(error, words) })}</p>}
      <IncidentHeader incident={incident} actions={<IncidentActions incident={incident} moves={moves} />} />
      <div className="incident-columns">
        <div>
          <CausesSection incident={incident} />
          <Graph incident={incident} />
          <AlertsSection groupId={incident.groupId} />
        </div>
        <div>
          <ImpactSection incident={incident} />
          {incident.report === undefined ? null : <ChangesSection changes={incident.report.changes} at={incident.startedAt} />}
          <TimelineSection incidentId={incident.incidentId} />
          <NotificationsSection incidentId={incident.incidentId} />
        </div>
      </div>
    </div>
  );
}

function Graph({ incident }: { incident: Incident }) {
  const { t } = useWords();
  const graph = incident.report?.graph;
  if (graph === undefined) return null;
  if (graph.nodes.length < 2) {
    return (
      <Section title={t("incident/sections/graph")}>
        <p className="muted">{t("graph/none")}</p>
      </Section>
    );
  }
  return <GraphSection graph={graph} at={incident.startedAt} />;
}
