export interface AttemptLimiterOptions {
  /** Failures that cost nothing. */
  readonly freeFailures: number;
  /** Wait after the first failure beyond; doubles with each. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** A key without failures for this long is forgotten. */
  readonly forgetMs: number;
  /** Most keys remembered; beyond, the one that was quiet longest is forgotten. */
  readonly maxKeys: number;
}

interface Attempts {
  failures: number;
  lastMs: number;
  openAtMs: number;
}

/**
 * Slows guessing down: after some failures each further one of a key doubles the wait. An attempt counts as failed from
 * its beginning, so that many at once gain nothing; success takes it back. Pure but for its own memory, which is bounded.
 */
export class AttemptLimiter {
  readonly #options: AttemptLimiterOptions;
  /** In the order of the last failure, the oldest first. */
  readonly #keys = new Map<string, Attempts>();

  constructor(options: AttemptLimiterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Begins an attempt. @returns 0 = go on; else how long to wait, milliseconds, and nothing was counted */
  begin(key: string, nowMs: number): number {
    const { freeFailures, firstWaitMs, maxWaitMs, forgetMs, maxKeys } = this.#options;
    const known = this.#keys.get(key);
    const attempts = known === undefined || nowMs - known.lastMs >= forgetMs ? { failures: 0, lastMs: nowMs, openAtMs: 0 } : known;
    if (nowMs < attempts.openAtMs) return attempts.openAtMs - nowMs;
    attempts.failures++;
    attempts.lastMs = nowMs;
    const beyond = attempts.failures - freeFailures;
    attempts.openAtMs = beyond < 0 ? 0 : nowMs + Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(beyond, 40));
    this.#keys.delete(key);
    this.#keys.set(key, attempts);
    const oldest = this.#keys.keys().next().value;
    if (this.#keys.size > maxKeys && oldest !== undefined) this.#keys.delete(oldest);
    return 0;
  }

  /** The attempt succeeded: the key starts anew. */
  succeed(key: string): void {
    this.#keys.delete(key);
  }
}
