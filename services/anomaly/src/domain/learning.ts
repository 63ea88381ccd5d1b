import { CLIP_SCALES, clip, learnSeason } from "@yunwei/series";
import { O, R, SEASON_AT } from "./record-layout.ts";
import { TUNING } from "./tuning.ts";

const LN2 = Math.LN2;
/** A point stands for at most this much time in the profile: a gap teaches nothing. */
const MAX_STANDS_FOR_MS = 300_000;
/** Before this many points the scale has nothing to clip by. */
const UNCLIPPED_POINTS = 10;

/** The first point of a series: level only. */
export function beginRecord(f: Float64Array, base: number, timeMs: number, value: number): void {
  f[base + R.points] = 1;
  f[base + R.firstMs] = timeMs;
  f[base + R.lastMs] = timeMs;
  f[base + R.value] = value;
  f[base + R.level] = value;
  f[base + R.offset] = Number.NaN;
  f[base + R.steps] = 1;
}

/** Interval, gap and decay bookkeeping of a new point; always done, whatever the verdict. @returns ms since the last point */
export function passTime(f: Float64Array, base: number, timeMs: number): number {
  const elapsed = timeMs - f[base + R.lastMs]!;
  const interval = f[base + R.intervalMs]!;
  if (interval === 0) f[base + R.intervalMs] = elapsed;
  else {
    const error = Math.abs(elapsed - interval) / interval;
    f[base + R.jitter]! += 0.05 * (Math.min(error, 1) - f[base + R.jitter]!);
    f[base + R.intervalMs] = interval + 0.1 * (Math.min(elapsed, 3 * interval) - interval);
    if (elapsed > TUNING.gapIntervals * interval) {
      f[base + R.steps]! += Math.min(Math.round(elapsed / interval), 50);
      f[base + R.mute] = TUNING.mutePoints;
    }
  }
  f[base + R.budget]! *= decay(elapsed, TUNING.budgetHalfLifeMs);
  f[base + R.peak]! *= decay(elapsed, TUNING.peakHalfLifeMs);
  return elapsed;
}

/** Linear decay: exact enough for points much closer than the half-life, and cheaper than exp. */
function decay(elapsedMs: number, halfLifeMs: number): number {
  const lost = (LN2 * elapsedMs) / halfLifeMs;
  return lost < 1 ? 1 - lost : 0;
}

/** Learns a normal point, its innovations clipped to four scales. Precondition: `out` holds its score. */
export function learnPoint(
  f: Float64Array,
  s: Float32Array,
  base: number,
  timeMs: number,
  value: number,
  elapsedMs: number,
  tau: number,
  out: Float64Array,
): void {
  const points = f[base + R.points]!;
  const share = 1 / (points + 1);
  const scaleSlow = out[O.scaleSlow]!;
  const limit = points < UNCLIPPED_POINTS ? Number.POSITIVE_INFINITY : CLIP_SCALES;
  const deviation = clip(out[O.deviation]!, limit * scaleSlow);
  learnScales(f, base, Math.max(share, 1 / TUNING.scalePoints), limit, deviation, tau, out);
  const errorShare = Math.max(share, 1 / TUNING.errorPoints);
  const fromLevel = value - f[base + R.level]!;
  const levelLimit = limit * Math.max(scaleSlow, f[base + R.errorOfLevel]!);
  f[base + R.errorOfLevel]! += errorShare * (Math.min(Math.abs(fromLevel), levelLimit) - f[base + R.errorOfLevel]!);
  f[base + R.level]! += Math.max(share, 1 / TUNING.levelPoints) * clip(fromLevel, levelLimit);
  learnOffset(f, base, value, levelLimit, errorShare, out[O.season]!);
  const standsFor = Math.min(elapsedMs, MAX_STANDS_FOR_MS);
  f[base + R.ageMs]! += standsFor;
  learnSeason(s, base * 2 + SEASON_AT, timeMs, out[O.expected]! + deviation, standsFor);
  f[base + R.lag] = deviation;
  f[base + R.steps] = 1;
}

function learnScales(f: Float64Array, base: number, share: number, limit: number, deviation: number, tau: number, out: Float64Array): void {
  const residual = Math.abs(out[O.residual]!);
  const spread = Math.abs(out[O.deviation]!);
  const fast = Math.min(residual, limit * out[O.scaleFast]!);
  const slow = Math.min(spread, limit * out[O.scaleSlow]!);
  f[base + R.absFast]! += share * (fast - f[base + R.absFast]!);
  f[base + R.absSlow]! += share * (slow - f[base + R.absSlow]!);
  // What stayed unopened is below twice the threshold; a point held back for other reasons must not blind the series.
  const most = limit === CLIP_SCALES ? 2 * tau : limit;
  const wildFast = Math.min(residual, most * out[O.scaleFast]!);
  const wildSlow = Math.min(spread, most * out[O.scaleSlow]!);
  f[base + R.squareFast]! += share * (wildFast * wildFast - f[base + R.squareFast]!);
  f[base + R.squareSlow]! += share * (wildSlow * wildSlow - f[base + R.squareSlow]!);
  f[base + R.covariance0]! += share * (deviation * deviation - f[base + R.covariance0]!);
  if (f[base + R.steps] === 1) f[base + R.covariance1]! += share * (deviation * f[base + R.lag]! - f[base + R.covariance1]!);
}

function learnOffset(f: Float64Array, base: number, value: number, limit: number, errorShare: number, season: number): void {
  if (Number.isNaN(season)) return;
  const offset = f[base + R.offset]!;
  if (Number.isNaN(offset)) {
    f[base + R.offset] = f[base + R.level]! - season;
    f[base + R.errorOfSeason] = f[base + R.errorOfLevel]!;
    return;
  }
  const miss = clip(value - season - offset, limit);
  f[base + R.errorOfSeason]! += errorShare * (Math.abs(miss) - f[base + R.errorOfSeason]!);
  f[base + R.offset] = offset + miss / TUNING.offsetPoints;
}

/** After hours of a deviation: level and offset move at a tenth, unclipped, so that a lasting shift becomes normal; scales stay. */
export function relearnSlowly(f: Float64Array, base: number, value: number, season: number): void {
  f[base + R.level]! += (TUNING.relearnRate / TUNING.levelPoints) * (value - f[base + R.level]!);
  const offset = f[base + R.offset]!;
  if (!Number.isNaN(season) && !Number.isNaN(offset)) f[base + R.offset] = offset + (TUNING.relearnRate / TUNING.offsetPoints) * (value - season - offset);
}
