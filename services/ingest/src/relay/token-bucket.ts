/** What may pass in a second, measured over a burst of one second. Pure: time is told. */
export class TokenBucket {
  readonly #perSecond: number;
  #level: number;
  #atMs: number;

  /** @param perSecond - above 0; Infinity = no limit */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#level = perSecond;
    this.#atMs = nowMs;
  }

  /** How long until `amount` may pass; what is more than a second's worth waits for a full bucket and leaves a debt. 0 = now. */
  delayMs(amount: number, nowMs: number): number {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return 0;
    this.#refill(nowMs);
    const missing = Math.min(amount, this.#perSecond) - this.#level;
    return missing <= 0 ? 0 : Math.ceil((1000 * missing) / this.#perSecond);
  }

  take(amount: number, nowMs: number): void {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return;
    this.#refill(nowMs);
    this.#level -= amount;
  }

  /** A clock that was set back fills nothing, and the time from then on counts. */
  #refill(nowMs: number): void {
    this.#level = Math.min(this.#perSecond, this.#level + (this.#perSecond * Math.max(0, nowMs - this.#atMs)) / 1000);
    this.#atMs = nowMs;
  }
}
