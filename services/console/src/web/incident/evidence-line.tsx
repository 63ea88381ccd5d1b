import { lazy, Suspense, useState } from "react";
import type { RcaReport } from "../api/contracts.ts";
import { msOfNano, shortTime } from "../format/time.ts";
import { useWords, type Words } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/marks.tsx";
import { weightWord } from "./verdict.ts";

type Evidence = RcaReport["causes"][number]["evidence"][number];

const EvidenceChart = lazy(() => import("./evidence-chart.tsx").then((module) => ({ default: module.EvidenceChart })));

/** One item of evidence as a sentence with its figures. @param ownEntity - not named again */
export function evidenceText(item: Evidence, ownEntity: string, words: Words, nowMs: number): string {
  const { t, metric, value } = words;
  const since = shortTime(msOfNano(item.onsetUnixNano), nowMs);
  const expected = value(item.expected, item.unit, item.metric);
  const figures = { what: metric(item.metric), value: value(item.value, item.unit, item.metric), expected, since };
  const reading = t(item.direction === "absent" ? "cause/absent" : "cause/reading", figures);
  return item.entity === ownEntity ? reading : t("cause/of", { entity: words.entity(item.entity), reading });
}

/** The sentence, how much it weighs, and its chart on demand. */
export function EvidenceLine({ item, ownEntity }: { item: Evidence; ownEntity: string }) {
  const words = useWords();
  const { t } = words;
  const [open, setOpen] = useState(false);
  const text = evidenceText(item, ownEntity, words, Date.now());
  return (
    <li>
      <span className="evidence-text">{text}</span> <Mark tone={item.weight >= 0 ? "info" : "warn"}>{t(`cause/weight/${weightWord(item.weight)}`)}</Mark>{" "}
      <button type="button" className="as-link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? "chart/hide" : "chart/show")}
      </button>
      {open ? (
        <Suspense fallback={<Loading />}>
          <EvidenceChart item={item} label={text} />
        </Suspense>
      ) : null}
    </li>
  );
}
