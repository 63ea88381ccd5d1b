import { wider } from "@yunwei/otlp";
/** Sums of one key in one window, by position. */
export const SUM = { count: 0, failed: 1, durationMs: 2, selfMs: 3, selfCount: 4, gapMs: 5, gapCount: 6 } as const;
const WIDTH = 8;

/** Sums per dense key of one window; grows by doubling. */
export class WindowSums {
  #sums = new Float64Array(64 * WIDTH);

  /** Precondition: key >= 0. */
  add(key: number, what: number, value: number): void {
    const at = key * WIDTH + what;
    if (at >= this.#sums.length) this.#sums = wider(this.#sums, (key + 1) * WIDTH);
    this.#sums[at]! += value;
  }

  /** 0 for a key without sums. */
  get(key: number, what: number): number {
    return this.#sums[key * WIDTH + what] ?? 0;
  }
}
