import { useState } from "react";
import type { Incident, RcaReport } from "../api/contracts.ts";
import { msOfNano, shortTime } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";
import { formatPercent } from "../format/value.ts";
import { Mark } from "../parts/marks.tsx";
import { Section } from "../parts/section.tsx";
import { CauseCard } from "./cause-card.tsx";
import { certaintyOf } from "./verdict.ts";

const FOLDED = 3;

/** What caused it, or the plain answer that this is not known. */
export function CausesSection({ incident }: { incident: Incident }) {
  const { t } = useWords();
  const report = incident.report;
  if (report === undefined) {
    return (
      <Section title={t("incident/sections/cause")}>
        <p>{t(incident.groupId === undefined ? "cause/manual" : "cause/waiting")}</p>
        {incident.groupId === undefined ? null : <p className="muted">{t("cause/waitingHint")}</p>}
      </Section>
    );
  }
  return (
    <Section
      title={t("incident/sections/cause")}
      extra={
        <span className="muted small">
          {t("cause/generated", { time: shortTime(msOfNano(report.generatedUnixNano), Date.now()), revision: report.revision })}
        </span>
      }
    >
      <Verdict report={report} />
      <Candidates report={report} at={incident.startedAt} />
    </Section>
  );
}

function Verdict({ report }: { report: RcaReport }) {
  const words = useWords();
  const { t } = words;
  const sure = t("cause/confidence", { word: t(`cause/certainty/${certaintyOf(report.confidence)}`), percent: formatPercent(report.confidence) });
  const top = report.causes[0];
  if (report.verdict === "cause" && top !== undefined) {
    return (
      <div className="verdict verdict-cause">
        <p className="muted small">{t("cause/named")}</p>
        <p className="verdict-text">{t("cause/what", { where: `${words.site(top.site)} ${words.entity(top.entity)}`, mode: t(`modes/${top.mode}`) })}</p>
        <Mark tone="info">{sure}</Mark>
      </div>
    );
  }
  if (report.verdict === "external_load") {
    return (
      <div className="verdict verdict-none">
        <p className="verdict-text">{t("cause/external")}</p>
        <p className="muted">{t("cause/externalHint")}</p>
        <Mark tone="info">{sure}</Mark>
      </div>
    );
  }
  return (
    <div className="verdict verdict-none">
      <p className="verdict-text">{t("cause/undetermined")}</p>
      <p className="muted">{t(report.causes.length === 0 ? "cause/undeterminedNone" : "cause/undeterminedHint")}</p>
    </div>
  );
}

function Candidates({ report, at }: { report: RcaReport; at: string }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? report.causes : report.causes.slice(0, FOLDED);
  return (
    <>
      <ol className="causes">
        {shown.map((cause, index) => (
          <li key={`${cause.entity}|${cause.mode}`}>
            <CauseCard cause={cause} rank={index + 1} report={report} at={at} open={index === 0 && report.verdict === "cause"} />
          </li>
        ))}
      </ol>
      {report.causes.length > FOLDED ? (
        <button type="button" className="as-link" onClick={() => setAll(!all)}>
          {t(all ? "common/hide" : "common/more")} ({report.causes.length})
        </button>
      ) : null}
    </>
  );
}
