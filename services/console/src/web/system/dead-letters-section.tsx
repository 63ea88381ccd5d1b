import { useDeadLetters } from "../api/ingest-queries.ts";
import { useWords } from "../format/use-words.ts";
import { Mark } from "../parts/marks.tsx";
import { Section } from "../parts/section.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { Heads } from "./heads.tsx";

const TONES = { begun: "warn", done: "ok", failed: "bad" } as const;

/** The newest messages that could not be stored. Says nothing where it may not be known. */
export function DeadLettersSection() {
  const { t } = useWords();
  const { data } = useDeadLetters();
  if (data === undefined) return null;
  return (
    <Section title={t("ingest/letters")}>
      {data.letters.length === 0 ? (
        <p className="muted">{t("ingest/noLetters")}</p>
      ) : (
        <>
          <WideTable label={t("ingest/letters")} wide>
            <Heads names={[t("ingest/letter"), t("ingest/buried"), t("ingest/token"), t("ingest/why"), t("ingest/replay")]} />
            <tbody>
              {data.letters.map(({ id, buriedAt, source, failures, replays }) => {
                const last = replays.at(-1);
                return (
                  <tr key={id}>
                    <td className="code">{id}</td>
                    <td>
                      <TimeText ms={Date.parse(buriedAt)} />
                    </td>
                    <td className="code">{source}</td>
                    <td className="small">{failures.map(({ stage, error }) => `${stage}: ${error}`).join("; ")}</td>
                    <td>{last === undefined ? null : <Mark tone={TONES[last.state]}>{t(`ingest/replays/${last.state}`)}</Mark>}</td>
                  </tr>
                );
              })}
            </tbody>
          </WideTable>
          <p className="muted small">{t("ingest/lettersHint")}</p>
        </>
      )}
    </Section>
  );
}
