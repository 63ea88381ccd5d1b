import { Link } from "react-router";
import { useIncidents } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { PriorityMark, StateMark } from "../parts/marks.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";

const SHOWN = 6;

/** What was opened last and still is. */
export function NewestIncidents() {
  const words = useWords();
  const { t } = words;
  const { data, error, refetch } = useIncidents("open");
  const incidents = data?.pages.flatMap((page) => page.incidents).slice(0, SHOWN);
  return (
    <Section className="first-when-narrow" title={t("overview/newest")} extra={<Link to="/incidents">{t("overview/allIncidents")}</Link>}>
      {error !== null && incidents === undefined ? <Problem error={error} onRetry={() => void refetch()} /> : null}
      {incidents?.length === 0 ? <Nothing title={t("overview/calm")} hint={t("overview/calmHint")} /> : null}
      <ul className="newest">
        {incidents?.map((incident) => (
          <li key={incident.incidentId}>
            <Link to={`/incidents/${encodeURIComponent(incident.incidentId)}`} data-item>
              <PriorityMark priority={incident.priority} />
              <span className="newest-title">{words.pick(incident.title)}</span>
            </Link>
            <span className="small muted">
              <StateMark state={incident.state} /> <TimeText ms={Date.parse(incident.createdAt)} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
