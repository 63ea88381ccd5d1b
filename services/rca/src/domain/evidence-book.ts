import type { Anomaly, EntityKey, EvidenceFamily } from "@yunwei/schemas";

/** One deviation as diagnosis sees it; the newest message of an anomaly replaces the older ones. Times are event time. */
export interface Evidence {
  readonly anomalyId: string;
  readonly entity: EntityKey;
  readonly service: string;
  readonly site: string;
  readonly department: string;
  readonly family: EvidenceFamily;
  readonly metric: string;
  readonly unit: string;
  readonly seriesId: string;
  readonly detector: Anomaly["detector"];
  readonly direction: Anomaly["direction"];
  readonly harmful: boolean;
  readonly edge: { readonly from: EntityKey; readonly to: EntityKey } | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly onsetMs: number;
  /** Time of the newest point told of. */
  readonly lastMs: number;
  readonly closed: boolean;
  readonly value: number;
  readonly expected: number;
  readonly score: number;
}

/** Evidence older than this is forgotten after it closed. */
export const KEEP_MS = 2 * 3_600_000;
/** More than this and the oldest closed are forgotten first: a storm must not eat the memory. */
const MAX_KEPT = 50_000;

/** All recent deviations of the estate. */
export class EvidenceBook {
  readonly #byId = new Map<string, Evidence>();
  #newestMs = 0;

  /** Newest event time seen. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** Idempotent; an older message of the same anomaly changes nothing. */
  take(anomaly: Anomaly): void {
    const known = this.#byId.get(anomaly.anomalyId);
    const lastMs = Number(anomaly.timeUnixNano) / 1e6;
    if (known !== undefined && known.lastMs > lastMs) return;
    const closed = anomaly.state === "close";
    // A closing message carries the normal value: the worst one is what diagnosis speaks of.
    const worst = known !== undefined && known.score >= anomaly.score;
    this.#byId.delete(anomaly.anomalyId);
    this.#byId.set(anomaly.anomalyId, {
      anomalyId: anomaly.anomalyId,
      entity: anomaly.entity as EntityKey,
      service: anomaly.service,
      site: anomaly.site,
      department: anomaly.department,
      family: anomaly.family,
      metric: anomaly.metric,
      unit: anomaly.unit,
      seriesId: anomaly.seriesId,
      detector: anomaly.detector,
      direction: worst ? known.direction : anomaly.direction,
      harmful: worst ? known.harmful : anomaly.harmful,
      edge: anomaly.edge as { from: EntityKey; to: EntityKey } | undefined,
      labels: anomaly.labels,
      onsetMs: Number(anomaly.onsetUnixNano) / 1e6,
      lastMs,
      closed,
      value: worst ? known.value : anomaly.value,
      expected: worst ? known.expected : anomaly.expected,
      score: Math.max(anomaly.peakScore, anomaly.score, known?.score ?? 0),
    });
    if (lastMs > this.#newestMs) this.#newestMs = lastMs;
    if (this.#byId.size > MAX_KEPT) this.#forget();
  }

  /** Deviations that were there at some time in [fromMs, toMs], oldest onset first. */
  between(fromMs: number, toMs: number): Evidence[] {
    const out: Evidence[] = [];
    for (const evidence of this.#byId.values()) {
      if (evidence.onsetMs <= toMs && (!evidence.closed || evidence.lastMs >= fromMs)) out.push(evidence);
    }
    return out.sort((a, b) => a.onsetMs - b.onsetMs || (a.anomalyId < b.anomalyId ? -1 : 1));
  }

  /** Forgets what closed long ago. */
  prune(): void {
    for (const [id, evidence] of this.#byId) if (evidence.lastMs < this.#newestMs - KEEP_MS) this.#byId.delete(id);
  }

  #forget(): void {
    this.prune();
    for (const [id, evidence] of this.#byId) {
      if (this.#byId.size <= MAX_KEPT) return;
      if (evidence.closed || this.#byId.size > 2 * MAX_KEPT) this.#byId.delete(id);
    }
  }
}
