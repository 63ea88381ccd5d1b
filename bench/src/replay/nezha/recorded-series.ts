/** One metric series of the recording; times in Unix milliseconds, ascending, values finite. */
export interface RecordedSeries {
  readonly resource: Readonly<Record<string, string>>;
  readonly metric: string;
  readonly unit: string;
  readonly labels: Readonly<Record<string, string>>;
  /** True for a stock (memory in use), which goes on from where it was; false for a flow (use of a CPU, a latency). */
  readonly stock: boolean;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** Position of the first time that is not before `ms`. */
export function firstAt(timesMs: readonly number[], ms: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Points on either side of a seam by which its height is told. */
const SEAM_POINTS = 3;

/**
 * What must be added to the points before `seamMs - shiftMs` when they are moved by `shiftMs`, so that a stock goes on
 * from them without a step: otherwise the seam itself, hours of the pod's life long, would look like a fault. 0 for flows.
 */
export function seamOffset({ stock, timesMs, values }: Pick<RecordedSeries, "stock" | "timesMs" | "values">, seamMs: number, shiftMs: number): number {
  if (!stock || shiftMs === 0) return 0;
  const levelBefore = (ms: number): number => {
    const end = firstAt(timesMs, ms);
    const last = [...values.slice(Math.max(0, end - SEAM_POINTS), end)].sort((a, b) => a - b);
    return last[last.length >> 1] ?? Number.NaN;
  };
  const offset = levelBefore(seamMs) - levelBefore(seamMs - shiftMs);
  return Number.isNaN(offset) ? 0 : offset;
}
