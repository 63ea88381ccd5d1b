import { robustScale, seasonAt } from "@yunwei/series";
import { O, R, SEASON_AT } from "./record-layout.ts";
import { TUNING } from "./tuning.ts";

const MAX_STEPS = 64;
/** No series is known better than this: rounding of its own values is never news. */
const RELATIVE_GUARD = 1e-6;
const ABSOLUTE_GUARD = 1e-9;

/**
 * What the record expects at `timeMs`: season plus offset when the season is known and worth it, else the level.
 * Leaves the season's part in scratch (NaN = not known).
 */
export function expectedAt(f: Float64Array, s: Float32Array, base: number, timeMs: number, out: Float64Array): number {
  const season = f[base + R.ageMs]! >= TUNING.seasonAgeMs ? seasonAt(s, base * 2 + SEASON_AT, timeMs) : Number.NaN;
  out[O.season] = season;
  const seasonal = season + f[base + R.offset]!; // NaN when either is not known
  const better = f[base + R.errorOfSeason]! <= TUNING.seasonPreference * f[base + R.errorOfLevel]!;
  return better && !Number.isNaN(seasonal) ? seasonal : f[base + R.level]!;
}

/**
 * Scores a value against the record without changing it: z of the one-step prediction (AR(1) around the expectation, `steps`
 * ahead of the last good point) and z of the expectation itself, fused by their geometric mean: both must agree.
 * Fills the scratch; score is finite, in 0..TUNING.maxScore. Precondition: finite `value`, at least one point known.
 */
export function scoreValue(f: Float64Array, s: Float32Array, base: number, timeMs: number, value: number, tau: number, out: Float64Array): void {
  const expected = expectedAt(f, s, base, timeMs, out);
  const deviation = value - expected;
  const phi = persistence(f, base);
  const steps = Math.min(f[base + R.steps]!, MAX_STEPS);
  const reach = steps <= 1 ? phi : phi ** steps;
  const residual = deviation - reach * f[base + R.lag]!;
  const points = f[base + R.points]!;
  const youth = points < TUNING.maturePoints ? 1 + 8 / points : 1;
  const fast = robustScale(f[base + R.absFast]!, f[base + R.squareFast]!);
  const slow = robustScale(f[base + R.absSlow]!, f[base + R.squareSlow]!);
  const floor = Math.max(f[base + R.minAbsolute]!, f[base + R.minRelative]! * Math.abs(expected));
  const guard = Math.max(floor / tau, RELATIVE_GUARD * Math.abs(expected), ABSOLUTE_GUARD);
  // The error of a prediction several steps ahead grows toward the spread around the expectation (AR(1)).
  const ahead = steps <= 1 ? fast : Math.min(Math.max(fast, slow), fast * Math.sqrt((1 - reach * reach) / (1 - phi * phi)));
  const scaleFast = Math.max(ahead * youth, guard);
  const scaleSlow = Math.max(slow * youth, guard);
  const slowZ = Math.abs(deviation) / scaleSlow;
  let score = Math.sqrt((Math.abs(residual) / scaleFast) * slowZ);
  if (Math.abs(deviation) < floor) score = Math.min(score, tau * 0.45);
  const half = Math.max(tau * scaleSlow, floor);
  out[O.expected] = expected;
  out[O.lower] = expected - half;
  out[O.upper] = expected + half;
  out[O.score] = Math.min(score, TUNING.maxScore);
  out[O.deviation] = deviation;
  out[O.slowZ] = slowZ;
  out[O.residual] = residual;
  out[O.scaleFast] = scaleFast;
  out[O.scaleSlow] = scaleSlow;
}

/** Autocorrelation at lag 1 of the deviations, kept where AR(1) is stable. */
function persistence(f: Float64Array, base: number): number {
  const variance = f[base + R.covariance0]!;
  if (variance <= 0) return 0;
  const phi = f[base + R.covariance1]! / variance;
  return phi > 0.98 ? 0.98 : Math.max(phi, 0);
}
