import type { IncidentEvent } from "../api/contracts.ts";
import { useIncidentEvents } from "../api/queries.ts";
import { useWords } from "../format/use-words.ts";
import { formatPercent } from "../format/value.ts";
import type { Words } from "../format/words.ts";
import { Loading } from "../parts/loading.tsx";
import { StateMark } from "../parts/marks.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { causeOfField, type FieldText, readableFields } from "./event-fields.ts";

/** Told by what they say of the incident itself, which the page shows anyway. */
const SILENT = new Set(["created"]);

/** The immutable log, newest first. */
export function TimelineSection({ incidentId }: { incidentId: string }) {
  const { t } = useWords();
  const { data, error, refetch } = useIncidentEvents(incidentId);
  return (
    <Section title={t("incident/sections/timeline")}>
      {data === undefined ? error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} /> : null}
      {data?.events.length === 0 ? <p className="muted">{t("timeline/none")}</p> : null}
      <ol className="timeline">
        {[...(data?.events ?? [])].reverse().map((event) => (
          <Entry key={event.seq} event={event} />
        ))}
      </ol>
    </Section>
  );
}

function Entry({ event }: { event: IncidentEvent }) {
  const words = useWords();
  const { t, or } = words;
  const fields = SILENT.has(event.event) ? [] : readableFields(event.fields, (name) => or(`fields/${name}`, "") !== "");
  return (
    <li>
      <p>
        <TimeText ms={Date.parse(event.at)} /> <b>{or(`timeline/events/${event.event}`, event.event)}</b>{" "}
        <span className="muted small">{t("timeline/by", { actor: event.actor === "system" ? t("timeline/system") : event.actor })}</span>
        {event.from !== undefined && event.from !== event.to ? (
          <>
            {" "}
            <StateMark state={event.to} />
          </>
        ) : null}
      </p>
      {fields.length === 0 ? null : (
        <ul className="small muted fields">
          {fields.map((field) => (
            <li key={field.name}>
              {t(`fields/${field.name}`)}: {valueText(field, words)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function valueText({ kind, value }: FieldText, words: Words): string {
  if (kind === "choice") return words.or(`choices/${value}`, value);
  if (kind === "ratio") return formatPercent(Number(value));
  if (kind === "sites") return words.list(value.split(", ").map(words.site));
  if (kind === "text") return value;
  const cause = causeOfField(value);
  if (cause === undefined) return value === "external_load" ? words.t("cause/external") : value;
  return words.t("cause/what", { where: words.entity(cause.entity), mode: words.or(`modes/${cause.mode}`, cause.mode) });
}
