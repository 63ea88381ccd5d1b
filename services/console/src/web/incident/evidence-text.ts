import type { RcaReport } from "../api/contracts.ts";
import { msOfNano, shortTime } from "../format/time.ts";
import type { Words } from "../format/words.ts";

type Evidence = RcaReport["causes"][number]["evidence"][number];

/** One item of evidence as a sentence with its figures. @param ownEntity - not named again */
export function evidenceText(item: Evidence, ownEntity: string, words: Words, nowMs: number): string {
  const { t, metric, value } = words;
  const since = shortTime(msOfNano(item.onsetUnixNano), nowMs);
  const expected = value(item.expected, item.unit, item.metric);
  const figures = { what: metric(item.metric), value: value(item.value, item.unit, item.metric), expected, since };
  const reading = t(item.direction === "absent" ? "cause/absent" : "cause/reading", figures);
  return item.entity === ownEntity ? reading : t("cause/of", { entity: words.entity(item.entity), reading });
}
