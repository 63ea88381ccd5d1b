import { lazy, Suspense, useState } from "react";
import type { RcaReport } from "../api/contracts.ts";
import { useWords } from "../format/use-words.ts";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/marks.tsx";
import { evidenceText } from "./evidence-text.ts";
import { weightWord } from "./verdict.ts";

type Evidence = RcaReport["causes"][number]["evidence"][number];

const EvidenceChart = lazy(() => import("./evidence-chart.tsx").then((module) => ({ default: module.EvidenceChart })));

/** The sentence, how much it weighs, and its chart on demand. */
export function EvidenceLine({ item, ownEntity, unfolded }: { item: Evidence; ownEntity: string; unfolded: boolean }) {
  const words = useWords();
  const { t } = words;
  const [open, setOpen] = useState(unfolded);
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
