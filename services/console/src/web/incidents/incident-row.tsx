import { Link } from "react-router";
import type { Incident } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { ClockText } from "../parts/clock-text.tsx";
import { Mark, PriorityMark, StateMark } from "../parts/marks.tsx";
import { TimeText } from "../parts/time-text.tsx";

const OVER = new Set(["resolved", "closed", "merged", "cancelled"]);

/** One incident of the list. */
export function IncidentRow({ incident }: { incident: Incident }) {
  const words = useWords();
  const { t } = words;
  const running = incident.acknowledgedAt === undefined ? "respond" : "restore";
  return (
    <li className={`incident-row priority-${incident.priority}`}>
      <Link to={`/incidents/${encodeURIComponent(incident.incidentId)}`} data-item className="incident-row-link">
        <span className="incident-row-marks">
          <PriorityMark priority={incident.priority} />
          <StateMark state={incident.state} />
          {incident.major ? (
            <Mark tone="bad" sign="!">
              {t("incident/major")}
            </Mark>
          ) : null}
        </span>
        <span className="incident-row-title">{words.pick(incident.title)}</span>
        <span className="incident-row-facts small muted">
          <span>{incident.number}</span>
          <span>{words.list(incident.sites.map(words.site))}</span>
          <span>
            {t("incidents/alerts")} {incident.alertCount}
          </span>
          <span>{incident.assignee ?? incident.assigneeGroup ?? t("incidents/nobody")}</span>
          <span>
            {t("incidents/began")} <TimeText ms={Date.parse(incident.startedAt)} />
          </span>
          {OVER.has(incident.state) ? null : <ClockText name={running} clock={incident[running]} />}
        </span>
      </Link>
    </li>
  );
}
