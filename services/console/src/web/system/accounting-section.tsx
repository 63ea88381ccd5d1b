import { useAccounting } from "../api/ingest-queries.ts";
import { useWords } from "../format/use-words.ts";
import { formatCount } from "../format/value.ts";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/marks.tsx";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { Heads } from "./heads.tsx";

const HOURS = 24;
const MARKS = { accounted: ["ok", "✓"], missing: ["bad", "✕"], nothing: ["unknown", "○"] } as const;

/** What became of everything that came in. */
export function AccountingSection() {
  const { t, or, list } = useWords();
  const { data, error, refetch } = useAccounting(HOURS);
  if (data === undefined) return error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} />;
  const [tone, sign] = MARKS[data.verdict];
  const signal = (name: string) => or(`ingest/signals/${name}`, name);
  const inFlight = Object.entries(data.inFlight)
    .filter(([, messages]) => messages > 0)
    .map(([name, messages]) => t("ingest/inFlightOne", { signal: signal(name), count: formatCount(messages) }));
  const names = ["received", "stored", "rejected", "dead", "missing", "surplus"] as const;
  return (
    <Section
      title={t("ingest/books")}
      extra={
        <Mark tone={tone} sign={sign}>
          {t(`ingest/verdicts/${data.verdict}`)}
        </Mark>
      }
    >
      <p className="muted small">{t("ingest/booksHint", { hours: HOURS })}</p>
      {data.faults.map(({ signal: name, partition, kind, lastOffset, firstOffset }) => (
        <p key={`${name} ${partition} ${firstOffset}`}>
          <Mark tone="bad" sign="✕">
            {kind === "gap"
              ? t("ingest/gap", { signal: signal(name), partition, from: lastOffset + 1, to: firstOffset - 1 })
              : t("ingest/overlap", { signal: signal(name), partition, from: firstOffset })}
          </Mark>
        </p>
      ))}
      {data.accounts.length === 0 ? null : (
        <WideTable label={t("ingest/books")} wide>
          <Heads names={[t("ingest/token"), t("ingest/signal"), ...names.map((name) => t(`ingest/${name}`))]} numbers={names.length} />
          <tbody>
            {data.accounts.map((account) => (
              <tr key={`${account.source} ${account.signal}`}>
                <td className="code">{account.source}</td>
                <td>{signal(account.signal)}</td>
                {names.map((name) => (
                  <td key={name} className="number">
                    {(name === "missing" || name === "surplus") && account[name] > 0 ? (
                      <Mark tone="bad" sign="✕">
                        {formatCount(account[name])}
                      </Mark>
                    ) : (
                      formatCount(account[name])
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
      {inFlight.length === 0 ? null : <p className="muted small">{t("ingest/inFlight", { list: list(inFlight) })}</p>}
    </Section>
  );
}
