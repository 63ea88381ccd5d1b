import type { SeriesGuard } from "@yunwei/otlp";

/** A metric of a token that has reached its limit today. */
export interface GuardedMetric {
  readonly source: string;
  readonly metric: string;
  /** Points of series that were not let in today. */
  readonly refusedPoints: number;
}

const DAY_MS = 86_400_000;
/** Metrics at their limit that are told of; more are guarded all the same. */
const MAX_TOLD = 1_000;

/**
 * Lets a token bring only so many new series of a metric in a day (UTC). Series that are known go on; points of further ones are left
 * out, told to the sender as partial success. One label with an id in it then costs its own metric, and nobody else anything. After a
 * start, or when the catalogue was full and begins anew, every series is new: the limit then holds for those that are active since.
 */
export class CardinalityGuard implements SeriesGuard {
  readonly #limit: number;
  readonly #nowMs: () => number;
  #day = Number.NaN;
  readonly #seriesOf = new Map<string, number>();
  readonly #refused = new Map<string, GuardedMetric>();

  /** @param limit - new series a day of one metric of one token; above 0 */
  constructor(limit: number, nowMs: () => number) {
    this.#limit = limit;
    this.#nowMs = nowMs;
  }

  admit(metric: string, source: string): boolean {
    const day = Math.floor(this.#nowMs() / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#refused.clear();
      this.restart();
    }
    const key = `${source}\n${metric}`;
    const series = this.#seriesOf.get(key) ?? 0;
    if (series < this.#limit) {
      this.#seriesOf.set(key, series + 1);
      return true;
    }
    const refusedPoints = (this.#refused.get(key)?.refusedPoints ?? 0) + 1;
    if (refusedPoints > 1 || this.#refused.size < MAX_TOLD) this.#refused.set(key, { source, metric, refusedPoints });
    return false;
  }

  restart(): void {
    this.#seriesOf.clear();
  }

  /** Today's, those with most refused points first. */
  guarded(): GuardedMetric[] {
    return [...this.#refused.values()].sort((one, other) => other.refusedPoints - one.refusedPoints);
  }
}
