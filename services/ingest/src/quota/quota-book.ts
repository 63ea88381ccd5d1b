import { metrics } from "@opentelemetry/api";
import { YunweiError } from "@yunwei/schemas";
import type { IngestToken, TokenLimits } from "../domain/ingest-token.ts";
import { RateBucket } from "../domain/rate-bucket.ts";

/** What a request was refused for. */
export type QuotaReason = "items" | "bytes" | "new_series";

/** A token's limits, and what was refused because of them since the start. */
export interface QuotaState {
  readonly source: string;
  readonly itemsPerSecond: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly newSeriesPerMinute: number | undefined;
  readonly rejected: readonly { readonly reason: QuotaReason; readonly requests: number; readonly items: number }[];
}

const DEFAULT_BURST_S = 10;
/** After a start, or when the catalogue has begun anew, every series is new to us once; that is nobody's fault. */
const GRACE_MS = 180_000;
/** Series are known from the moment they are read, though the request is refused: their price is a debt, of two minutes at most. */
const MAX_SERIES_DEBT_MINUTES = 2;
const LIMIT_NAMES: Readonly<Record<QuotaReason, string>> = { items: "items a second", bytes: "bytes a second", new_series: "new series a minute" };
const REASONS: readonly QuotaReason[] = ["items", "bytes", "new_series"];

interface Account {
  readonly limits: TokenLimits;
  readonly buckets: Readonly<Partial<Record<QuotaReason, RateBucket>>>;
  readonly rejected: Map<QuotaReason, { requests: number; items: number }>;
}

/**
 * Quotas of tokens, each optional. A request over one is refused whole, and nothing of it is taken from any. In memory: a process
 * that starts has full buckets, and each of several gateways has its own.
 */
export class QuotaBook {
  #learnsSinceMs: number;
  readonly #accounts = new Map<string, Account>();
  readonly #meter = metrics.getMeter("yunwei.ingest");
  readonly #requests = this.#meter.createCounter("yunwei.ingest.rejected_requests", {
    unit: "{request}",
    description: "Requests refused because a token is over its quota, by token and quota.",
  });
  readonly #items = this.#meter.createCounter("yunwei.ingest.rejected_request_items", {
    unit: "{item}",
    description: "Items of those requests, as far as they had been read.",
  });

  constructor(tokens: readonly IngestToken[], nowMs: number) {
    this.#learnsSinceMs = nowMs;
    for (const { id, limits } of tokens) if (limits !== undefined) this.#accounts.set(id, { limits, buckets: bucketsOf(limits, nowMs), rejected: new Map() });
  }

  /** Before a body is read. @throws YunweiError YUNWEI_QUOTA_EXCEEDED; `details.retryAfterMs` is when there is room again */
  mayRead(source: string, bytes: number, isMetrics: boolean, nowMs: number): void {
    const account = this.#accounts.get(source);
    if (account === undefined) return;
    this.#check(source, account, "bytes", bytes, 0, nowMs);
    // In debt for series that are not admitted yet: whether this request has some of them is not known before it is read.
    if (isMetrics) this.#check(source, account, "new_series", 0, 0, nowMs);
  }

  /**
   * When it was read and before anything is published: takes from all quotas, or from none.
   * @param newSeries - that nobody in this process had seen before
   * @returns gives back what was taken, for a request that does not become durable
   * @throws YunweiError YUNWEI_QUOTA_EXCEEDED
   */
  take(source: string, bytes: number, items: number, newSeries: number, nowMs: number): () => void {
    const account = this.#accounts.get(source);
    if (account === undefined) return nothing;
    this.#admitSeries(source, account, newSeries, items, nowMs);
    this.#check(source, account, "items", items, items, nowMs);
    this.#check(source, account, "bytes", bytes, items, nowMs);
    const { buckets } = account;
    buckets.items?.take(items, nowMs);
    buckets.bytes?.take(bytes, nowMs);
    return () => {
      buckets.items?.giveBack(items);
      buckets.bytes?.giveBack(bytes);
    };
  }

  /** Every series is new to the process once more. */
  relearn(nowMs: number): void {
    this.#learnsSinceMs = nowMs;
  }

  /** By token that has limits. */
  states(): QuotaState[] {
    return [...this.#accounts].map(([source, { limits, rejected }]) => ({
      source,
      itemsPerSecond: limits.maxItemsPerSecond,
      bytesPerSecond: limits.maxBytesPerSecond,
      newSeriesPerMinute: limits.maxNewSeriesPerMinute,
      rejected: REASONS.filter((reason) => rejected.has(reason)).map((reason) => ({ reason, ...rejected.get(reason)! })),
    }));
  }

  /** A series is paid for once, when it is first read: also by a request that is refused, so that sending it again at once gains nothing. */
  #admitSeries(source: string, account: Account, newSeries: number, items: number, nowMs: number): void {
    const bucket = account.buckets.new_series;
    if (bucket === undefined || newSeries === 0 || nowMs < this.#learnsSinceMs + GRACE_MS) return;
    const waitMs = bucket.waitMs(newSeries, nowMs);
    bucket.take(newSeries, nowMs, MAX_SERIES_DEBT_MINUTES * account.limits.maxNewSeriesPerMinute!);
    if (waitMs > 0) this.#refuse(source, account, "new_series", items, Math.max(waitMs, bucket.waitMs(0, nowMs)));
  }

  #check(source: string, account: Account, reason: QuotaReason, amount: number, items: number, nowMs: number): void {
    const waitMs = account.buckets[reason]?.waitMs(amount, nowMs) ?? 0;
    if (waitMs > 0) this.#refuse(source, account, reason, items, waitMs);
  }

  #refuse(source: string, account: Account, reason: QuotaReason, items: number, retryAfterMs: number): never {
    const sum = account.rejected.get(reason) ?? { requests: 0, items: 0 };
    sum.requests++;
    sum.items += items;
    account.rejected.set(reason, sum);
    this.#requests.add(1, { source, reason });
    if (items > 0) this.#items.add(items, { source, reason });
    throw new YunweiError(
      "YUNWEI_QUOTA_EXCEEDED",
      `token ${source} is over its quota of ${LIMIT_NAMES[reason]}: send again in ${Math.ceil(retryAfterMs / 1000)} s`,
      {
        details: { reason, retryAfterMs },
      },
    );
  }
}

function bucketsOf(
  { maxItemsPerSecond, maxBytesPerSecond, maxNewSeriesPerMinute, burstSeconds = DEFAULT_BURST_S }: TokenLimits,
  nowMs: number,
): Account["buckets"] {
  const bucket = (perSecond: number | undefined, burstS: number) =>
    perSecond === undefined ? undefined : new RateBucket(perSecond, perSecond * burstS, nowMs);
  const items = bucket(maxItemsPerSecond, burstSeconds);
  const bytes = bucket(maxBytesPerSecond, burstSeconds);
  const series = bucket(maxNewSeriesPerMinute === undefined ? undefined : maxNewSeriesPerMinute / 60, 60);
  return { ...(items && { items }), ...(bytes && { bytes }), ...(series && { new_series: series }) };
}

function nothing(): void {
  // A token without limits.
}
