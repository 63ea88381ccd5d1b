import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC } from "@yunwei/schemas";
import type { AccountSums, ChainFault } from "@yunwei/store";

/** What became of the items of one token and signal: received = stored + rejected + dead + missing - surplus. */
export interface IngestAccount {
  readonly signal: string;
  readonly source: string;
  readonly received: number;
  readonly stored: number;
  readonly rejected: number;
  readonly dead: number;
  readonly missing: number;
  readonly surplus: number;
  readonly unannounced: number;
}

/** The books of ingest over some time, with a verdict. */
export interface IngestAccounts {
  /** "missing" when an item is lost or doubled, or a batch does not meet the next; "nothing" when nothing came. */
  readonly verdict: "accounted" | "missing" | "nothing";
  readonly accounts: readonly IngestAccount[];
  /** Messages not stored yet, by signal. */
  readonly inFlight: Readonly<Record<string, number>>;
  readonly faults: readonly {
    readonly signal: string;
    readonly partition: number;
    readonly kind: "gap" | "overlap";
    readonly lastOffset: number;
    readonly firstOffset: number;
  }[];
}

const SIGNAL_OF: ReadonlyMap<string, string> = new Map([
  [OTLP_METRICS_TOPIC, "metrics"],
  [OTLP_LOGS_TOPIC, "logs"],
  [OTLP_SPANS_TOPIC, "traces"],
]);
const signalOf = (topic: string): string => SIGNAL_OF.get(topic) ?? topic;

/** The books as people read them: those at fault first, then by size. */
export function accountsOf(sums: readonly AccountSums[], faults: readonly ChainFault[], lagByTopic: Readonly<Record<string, number>>): IngestAccounts {
  const accounts = sums.map(({ topic, source, accepted, stored, rejected, deadItems, missing, surplus, unannounced }) => ({
    signal: signalOf(topic),
    source,
    received: accepted + rejected,
    stored,
    rejected,
    dead: deadItems,
    missing,
    surplus,
    unannounced,
  }));
  const isWrong = ({ missing, surplus }: IngestAccount): boolean => missing + surplus > 0;
  const verdict = faults.length > 0 || accounts.some(isWrong) ? "missing" : accounts.length === 0 ? "nothing" : "accounted";
  return {
    verdict,
    accounts: accounts.sort((one, other) => Number(isWrong(other)) - Number(isWrong(one)) || other.received - one.received),
    inFlight: Object.fromEntries(Object.entries(lagByTopic).map(([topic, messages]) => [signalOf(topic), Math.max(0, messages)])),
    faults: faults.map(({ topic, part, kind, lastOffset, firstOffset }) => ({ signal: signalOf(topic), partition: part, kind, lastOffset, firstOffset })),
  };
}
