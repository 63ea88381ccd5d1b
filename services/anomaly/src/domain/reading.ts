import { R } from "./record-layout.ts";
import { TUNING } from "./tuning.ts";

/** How points of a series become the value that is scored. */
export type Reading = "gauge" | "counter_rate" | "delta_rate" | "histogram_mean" | "histogram_rate" | "derived";

/**
 * Rate of a cumulative counter, per second.
 * @returns NaN for the first point, at a reset (the point only becomes the new base) and for a late or bad point
 */
export function counterRate(f: Float64Array, base: number, timeMs: number, raw: number): number {
  const before = f[base + R.rawMs]!;
  if (!(timeMs > before) || !(raw >= 0)) return Number.NaN;
  const grown = raw - f[base + R.rawCount]!;
  f[base + R.rawMs] = timeMs;
  f[base + R.rawCount] = raw;
  return before === 0 || grown < 0 ? Number.NaN : (grown * 1000) / (timeMs - before);
}

/**
 * Rate of a delta counter, per second, over the time since the last point.
 * @returns NaN for the first point, after a gap (what fell into it is not known), and for a late or bad point
 */
export function deltaRate(f: Float64Array, base: number, timeMs: number, delta: number): number {
  const before = f[base + R.rawMs]!;
  if (!(timeMs > before) || !Number.isFinite(delta)) return Number.NaN;
  f[base + R.rawMs] = timeMs;
  const elapsed = timeMs - before;
  const interval = f[base + R.intervalMs]!;
  if (before === 0 || (interval > 0 && elapsed > TUNING.gapIntervals * interval)) return Number.NaN;
  return (delta * 1000) / elapsed;
}

/** What one histogram point says: observations, their mean (NaN without any) and their rate per second (NaN when unknown). */
export interface HistogramReading {
  observations: number;
  mean: number;
  rate: number;
}

/**
 * Reads a histogram point against the raw state in the record of its mean series.
 * @param cumulative - count and sum since the start (a shrinking count is a reset: nothing is told), else of this interval
 * @param startMs - start of a delta interval, 0 = unknown: then since the last point
 * @returns `into`, all NaN for a first, reset, late or bad point
 */
export function readHistogram(
  f: Float64Array,
  base: number,
  timeMs: number,
  startMs: number,
  count: number,
  sum: number,
  cumulative: boolean,
  into: HistogramReading,
): HistogramReading {
  const before = f[base + R.rawMs]!;
  into.observations = into.mean = into.rate = Number.NaN;
  if (!(timeMs > before) || !(count >= 0)) return into;
  const knownCount = f[base + R.rawCount]!;
  const knownSum = f[base + R.rawSum]!;
  f[base + R.rawMs] = timeMs;
  f[base + R.rawCount] = count;
  f[base + R.rawSum] = sum;
  if (cumulative && (before === 0 || count < knownCount)) return into;
  const since = !cumulative && startMs > 0 && startMs < timeMs ? startMs : before;
  into.observations = cumulative ? count - knownCount : count;
  if (since > 0) into.rate = (into.observations * 1000) / (timeMs - since);
  if (into.observations > 0) into.mean = (cumulative ? sum - knownSum : sum) / into.observations;
  return into;
}
