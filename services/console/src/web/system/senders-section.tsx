import { type SenderClock, type TokenQuota, useSenders } from "../api/ingest-queries.ts";
import { useWords } from "../format/use-words.ts";
import { formatBytes, formatCount } from "../format/value.ts";
import { Mark } from "../parts/marks.tsx";
import { Section } from "../parts/section.tsx";
import { WideTable } from "../parts/wide-table.tsx";
import { Heads } from "./heads.tsx";

const MARKS = { ahead: ["bad", "▲"], behind: ["warn", "▼"], steady: ["ok", "✓"], unsure: ["unknown", "?"] } as const;

/** Clocks of those who send, and their quotas. */
export function SendersSection() {
  const { data } = useSenders();
  if (data === undefined) return null;
  return (
    <>
      <Clocks clocks={data.clocks} />
      {data.quotas.length === 0 ? null : <Quotas quotas={data.quotas} />}
    </>
  );
}

function Clocks({ clocks }: { clocks: readonly SenderClock[] }) {
  const { t, or, site: siteName, duration, value } = useWords();
  return (
    <Section title={t("ingest/senders")}>
      {clocks.length === 0 ? (
        <p className="muted">{t("ingest/noSenders")}</p>
      ) : (
        <WideTable label={t("ingest/senders")} wide>
          <Heads names={[t("ingest/token"), t("ingest/signal"), t("ingest/clock"), t("ingest/skew"), t("ingest/spread")]} numbers={2} />
          <tbody>
            {clocks.map(({ source, site, signal, skewSeconds, spreadSeconds, verdict }) => {
              const [tone, sign] = MARKS[verdict];
              return (
                <tr key={`${source} ${signal}`}>
                  <td>
                    <span className="code">{source}</span> {site === "" || site === source ? siteName(site) : `(${siteName(site)})`}
                  </td>
                  <td>{or(`ingest/signals/${signal}`, signal)}</td>
                  <td>
                    <Mark tone={tone} sign={sign}>
                      {t(`ingest/clocks/${verdict}`, { time: duration(1000 * Math.abs(skewSeconds)) })}
                    </Mark>
                  </td>
                  <td className="number">{value(skewSeconds, "s", "")}</td>
                  <td className="number">{value(spreadSeconds, "s", "")}</td>
                </tr>
              );
            })}
          </tbody>
        </WideTable>
      )}
      <p className="muted small">{t("ingest/sendersHint")}</p>
    </Section>
  );
}

function Quotas({ quotas }: { quotas: readonly TokenQuota[] }) {
  const { t, list } = useWords();
  const limitsOf = ({ itemsPerSecond, bytesPerSecond, newSeriesPerMinute }: TokenQuota) =>
    list([
      ...(itemsPerSecond === null ? [] : [t("ingest/itemsPerSecond", { n: formatCount(itemsPerSecond) })]),
      ...(bytesPerSecond === null ? [] : [t("ingest/bytesPerSecond", { n: formatBytes(bytesPerSecond) })]),
      ...(newSeriesPerMinute === null ? [] : [t("ingest/newSeriesPerMinute", { n: formatCount(newSeriesPerMinute) })]),
    ]);
  return (
    <Section title={t("ingest/quotas")}>
      <WideTable label={t("ingest/quotas")} wide>
        <Heads names={[t("ingest/token"), t("ingest/limits"), t("ingest/refused")]} />
        <tbody>
          {quotas.map((quota) => (
            <tr key={quota.source}>
              <td className="code">{quota.source}</td>
              <td>{limitsOf(quota)}</td>
              <td>
                {quota.rejected.length === 0
                  ? t("ingest/none")
                  : quota.rejected.map(({ reason, requests, items }) => (
                      <Mark key={reason} tone="warn" sign="▲">
                        {t(`ingest/refusals/${reason}`, { requests: formatCount(requests), items: formatCount(items) })}
                      </Mark>
                    ))}
              </td>
            </tr>
          ))}
        </tbody>
      </WideTable>
    </Section>
  );
}
