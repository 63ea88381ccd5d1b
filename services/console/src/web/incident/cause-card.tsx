import type { RcaReport } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { formatPercent } from "../format/value.ts";
import { EntityLink } from "../parts/entity-link.tsx";
import { EvidenceLine } from "./evidence-line.tsx";
import { guiltyChange } from "./verdict.ts";

type Cause = RcaReport["causes"][number];

interface CauseCardProps {
  readonly cause: Cause;
  readonly rank: number;
  readonly report: RcaReport;
  /** Event time of the incident, for links. */
  readonly at: string;
  readonly open: boolean;
}

/** One candidate: what, how likely, what speaks for it and what against it. */
export function CauseCard({ cause, rank, report, at, open }: CauseCardProps) {
  const words = useWords();
  const { t } = words;
  const change = guiltyChange(cause, report.changes);
  return (
    <details className="cause" open={open}>
      <summary>
        <span className="cause-title">
          <b>{rank}</b> {t("cause/what", { where: words.entity(cause.entity), mode: t(`modes/${cause.mode}`) })}
        </span>
        <span className="muted small">
          {t("cause/score", { percent: formatPercent(cause.score) })} · {t("cause/coverage", { percent: formatPercent(cause.coverage) })}
        </span>
        <meter min={0} max={1} value={cause.score} aria-hidden="true" />
      </summary>
      {change === undefined ? null : <p className="cause-change">{t("cause/byChange", { title: change })}</p>}
      <Items title={t("cause/evidence")} none={t("cause/noEvidence")} items={cause.evidence} cause={cause} unfolded={open} />
      <Items title={t("cause/contradicting")} none={t("cause/noContradicting")} items={cause.contradicting} cause={cause} unfolded={false} />
      {cause.path.length < 2 ? null : (
        <>
          <h4>{t("cause/path")}</h4>
          <p className="path">
            {cause.path.map((entity, index) => (
              <span key={entity}>
                {index === 0 ? null : <span aria-hidden="true"> → </span>}
                <EntityLink entity={entity} at={at} />
              </span>
            ))}
          </p>
        </>
      )}
    </details>
  );
}

function Items({ title, none, items, cause, unfolded }: { title: string; none: string; items: Cause["evidence"]; cause: Cause; unfolded: boolean }) {
  return (
    <>
      <h4>{title}</h4>
      {items.length === 0 ? <p className="muted small">{none}</p> : null}
      <ul className="evidence">
        {items.map((item, index) => (
          <EvidenceLine key={`${item.seriesId}|${item.metric}|${item.entity}`} item={item} ownEntity={cause.entity} unfolded={unfolded && index === 0} />
        ))}
      </ul>
    </>
  );
}
