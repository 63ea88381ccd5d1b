import { fullTime, shortTime } from "../format/time.ts";
import { useWords } from "../format/use-words.ts";

/** A moment in Beijing time, in full as a hint. */
export function TimeText({ ms }: { ms: number }) {
  const { t } = useWords();
  if (!Number.isFinite(ms)) return null;
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${fullTime(ms)} ${t("zone")}`}>
      {shortTime(ms, Date.now())}
    </time>
  );
}
