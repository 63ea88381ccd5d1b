/** Of sums of doubles, as a share of the burst. */
const ROUNDING = 1e-9;

/**
 * A token bucket: so much a second on average, and a burst at once (Turner 1986, "New directions in communications", the leaky
 * bucket as a meter). More than a burst passes when the bucket is full and leaves a debt, so that nothing waits for ever. Pure:
 * time is told; a clock that is set back fills nothing.
 */
export class RateBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #level: number;
  #atMs: number;

  /** Full at first. @param perSecond, burst - above 0 */
  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#level = burst;
    this.#atMs = nowMs;
  }

  /** Milliseconds until `amount` may pass; 0 = now. Takes nothing. */
  waitMs(amount: number, nowMs: number): number {
    this.#fill(nowMs);
    const missing = Math.min(amount, this.#burst) - this.#level;
    return missing <= ROUNDING * this.#burst ? 0 : Math.ceil(missing / this.#perMs);
  }

  /** Takes `amount`, also into debt. @param maxDebt - no deeper than that */
  take(amount: number, nowMs: number, maxDebt = Number.POSITIVE_INFINITY): void {
    this.#fill(nowMs);
    this.#level = Math.max(this.#level - amount, Math.min(this.#level, -maxDebt));
  }

  /** What was taken and not used. */
  giveBack(amount: number): void {
    this.#level = Math.min(this.#burst, this.#level + amount);
  }

  #fill(nowMs: number): void {
    this.#level = Math.min(this.#burst, this.#level + this.#perMs * Math.max(0, nowMs - this.#atMs));
    this.#atMs = nowMs;
  }
}
