import type { RcaReport } from "../api/contracts.ts";
import { msOfNano } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { Mark } from "../parts/marks.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";

type Changes = RcaReport["changes"];

/** Changes near the incident, suspected ones first, each with why or why not. */
export function ChangesSection({ changes, at }: { changes: Changes; at: string }) {
  const { t, or } = useWords();
  const ordered = [...changes].sort((a, b) => Number(b.suspected) - Number(a.suspected) || (a.startedUnixNano < b.startedUnixNano ? 1 : -1));
  return (
    <Section title={t("incident/sections/changes")}>
      {ordered.length === 0 ? <p className="muted">{t("change/none")}</p> : null}
      <ul className="rows">
        {ordered.map((change) => (
          <li key={change.changeId}>
            <p>
              {change.suspected ? (
                <Mark tone="bad" sign="!">
                  {t("change/suspected")}
                </Mark>
              ) : (
                <Mark tone="unknown">{t("change/innocent")}</Mark>
              )}{" "}
              <b>{change.title}</b>
            </p>
            <p className="small muted">
              {or(`change/kinds/${change.kind}`, change.kind)} · <EntityLink entity={change.entity} at={at} /> ·{" "}
              <TimeText ms={msOfNano(change.startedUnixNano)} />
            </p>
            <p className="small">{or(`change/reasons/${change.reason}`, change.reason)}</p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
