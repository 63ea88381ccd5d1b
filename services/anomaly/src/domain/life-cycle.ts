import { cusumStep } from "@yunwei/series";
import { scoreValue } from "./expectation.ts";
import { beginRecord, learnPoint, passTime, relearnSlowly } from "./learning.ts";
import { O, R, STATE } from "./record-layout.ts";
import { TUNING } from "./tuning.ts";

/** What a point did to its series. `late`: at or before the last point, left out of the state. */
export const ACTION = { none: 0, open: 1, update: 2, close: 3, late: 4 } as const;
export type Action = (typeof ACTION)[keyof typeof ACTION];

/** Values of greater magnitude would overflow the float profile and the squares: gaps as well. */
export const GREATEST = 1e37;

/**
 * What may be made of a value: `learn` opens nothing (too few observations behind it), `company` opens only with a second
 * one of its kind (a lost request looks the same), `full` opens alone.
 */
export const TRUST = { learn: 0, company: 1, full: 2 } as const;
export type Trust = (typeof TRUST)[keyof typeof TRUST];

/** Bits set in the last three verdicts. */
const VERDICTS = [0, 1, 1, 2, 1, 2, 2, 3] as const;

/**
 * One point through prediction, score, life cycle and learning. O(1), allocates nothing.
 * Opens at a score of twice the threshold, at the threshold in two of three points of one sign, or when the drift sum is
 * full, always against the expectation frozen at the first suspicious point; closes inside half the threshold for
 * max(3 points, a quarter of the duration, at most 240 points).
 * @param value - NaN, infinities and magnitudes over 1e37 are gaps: nothing happens
 */
export function stepSeries(
  f: Float64Array,
  s: Float32Array,
  base: number,
  timeMs: number,
  value: number,
  trust: Trust,
  tau: number,
  out: Float64Array,
): Action {
  if (!(timeMs > f[base + R.lastMs]!)) return ACTION.late;
  if (!(Math.abs(value) <= GREATEST)) return ACTION.none;
  if (f[base + R.points] === 0) {
    beginRecord(f, base, timeMs, value);
    return ACTION.none;
  }
  const elapsed = passTime(f, base, timeMs);
  out[O.threshold] = thresholdOf(f, base, tau);
  scoreValue(f, s, base, timeMs, value, tau, out);
  f[base + R.mean3]! += 0.5 * (out[O.deviation]! - f[base + R.mean3]!);
  f[base + R.zeroShare]! += 0.01 * ((value === 0 ? 1 : 0) - f[base + R.zeroShare]!);
  const open = f[base + R.state] !== STATE.calm;
  const action = open ? whileOpen(f, base, timeMs, value, tau, out) : whileCalm(f, s, base, timeMs, value, elapsed, trust, tau, out);
  f[base + R.points]! += 1;
  f[base + R.lastMs] = timeMs;
  f[base + R.value] = value;
  return action;
}

/** Takes note of a point without verdict or learning: a hard limit holds the series. */
export function holdSeries(f: Float64Array, base: number, timeMs: number, value: number): void {
  if (f[base + R.points] === 0) {
    beginRecord(f, base, timeMs, value);
    return;
  }
  passTime(f, base, timeMs);
  f[base + R.steps]! += 1;
  f[base + R.points]! += 1;
  f[base + R.lastMs] = timeMs;
  f[base + R.value] = value;
}

function thresholdOf(f: Float64Array, base: number, tau: number): number {
  const extra = f[base + R.budget]! - 1;
  if (extra <= 0) return tau;
  return tau * Math.min(1 + TUNING.budgetStep * extra, TUNING.budgetMax);
}

function whileCalm(
  f: Float64Array,
  s: Float32Array,
  base: number,
  timeMs: number,
  value: number,
  elapsed: number,
  trust: Trust,
  tau: number,
  out: Float64Array,
): Action {
  if (!mayJudge(f, base, trust)) {
    settle(f, base);
    learnPoint(f, s, base, timeMs, value, elapsed, tau, out);
    return ACTION.none;
  }
  const score = judgedScore(f, base, value, trust, out);
  const threshold = out[O.threshold]!;
  const hits = countHit(f, base, score >= threshold, Math.sign(out[O.deviation]!));
  if (score >= threshold / 2 && f[base + R.runSinceMs] === 0) f[base + R.runSinceMs] = timeMs;
  f[base + R.runPeak] = Math.max(f[base + R.runPeak]!, Math.abs(out[O.deviation]!));
  if (score >= 2 * threshold || VERDICTS[hits]! >= 2) return open(f, base, timeMs, STATE.deviation, f[base + R.runSinceMs]!, out);
  if (hits !== 0) {
    f[base + R.steps]! += 1; // suspicious: the expectation stays as it was
    return ACTION.none;
  }
  if (score < threshold / 2) settle(f, base);
  const since = driftSince(f, base, timeMs, threshold / tau, out);
  if (since > 0) return open(f, base, timeMs, STATE.drift, since, out);
  learnPoint(f, s, base, timeMs, value, elapsed, tau, out);
  return ACTION.none;
}

function mayJudge(f: Float64Array, base: number, trust: Trust): boolean {
  if (f[base + R.mute]! > 0) {
    f[base + R.mute]! -= 1;
    return false;
  }
  return trust !== TRUST.learn && f[base + R.points]! >= TUNING.minPoints;
}

/** Of a series that is mostly 0 a lone event is no news: it needs company, or must beat the peaks of the last day. */
function judgedScore(f: Float64Array, base: number, value: number, trust: Trust, out: Float64Array): number {
  const threshold = out[O.threshold]!;
  const score = trust === TRUST.full ? out[O.score]! : Math.min(out[O.score]!, 1.9 * threshold);
  if (f[base + R.zeroShare]! <= TUNING.sparseShare || value === 0) return score;
  const peak = f[base + R.peak]!;
  if (peak > 0 && Math.abs(out[O.deviation]!) <= TUNING.sparseFactor * peak) return Math.min(score, 0.9 * threshold);
  return Math.min(score, 1.9 * threshold);
}

function countHit(f: Float64Array, base: number, hit: boolean, sign: number): number {
  const before = hit && f[base + R.hitSign] !== sign ? 0 : f[base + R.hits]!;
  const hits = ((before << 1) | (hit ? 1 : 0)) & 7;
  f[base + R.hits] = hits;
  if (hit) f[base + R.hitSign] = sign;
  return hits;
}

/** The end of a run that came to nothing: its peak is what normal can look like. */
function settle(f: Float64Array, base: number): void {
  if (f[base + R.runPeak]! > f[base + R.peak]!) f[base + R.peak] = f[base + R.runPeak]!;
  f[base + R.runPeak] = 0;
  f[base + R.runSinceMs] = 0;
  f[base + R.hits] = 0;
}

/** Advances both drift sums. @returns since when the full one has been above 0, or 0 */
function driftSince(f: Float64Array, base: number, timeMs: number, strictness: number, out: Float64Array): number {
  const known = f[base + R.ageMs]! >= TUNING.seasonAgeMs;
  const allowance = known ? TUNING.driftAllowance : TUNING.youngDriftAllowance;
  const limit = strictness * (known ? TUNING.driftLimit : TUNING.youngDriftLimit);
  const z = out[O.deviation]! >= 0 ? out[O.slowZ]! : -out[O.slowZ]!;
  const up = cusumStep(f[base + R.sumUp]!, z, allowance);
  const down = cusumStep(f[base + R.sumDown]!, -z, allowance);
  if (f[base + R.sumUp] === 0) f[base + R.sumUpSinceMs] = timeMs;
  if (f[base + R.sumDown] === 0) f[base + R.sumDownSinceMs] = timeMs;
  f[base + R.sumUp] = up;
  f[base + R.sumDown] = down;
  if ((up < limit && down < limit) || f[base + R.points]! < TUNING.driftMinPoints) return 0;
  const floor = Math.max(f[base + R.minAbsolute]!, f[base + R.minRelative]! * Math.abs(out[O.expected]!));
  if (Math.abs(f[base + R.mean3]!) < floor) return 0;
  return up >= limit ? f[base + R.sumUpSinceMs]! : f[base + R.sumDownSinceMs]!;
}

function open(f: Float64Array, base: number, timeMs: number, state: number, sinceMs: number, out: Float64Array): Action {
  if (state === STATE.drift) out[O.score] = Math.max(out[O.score]!, out[O.threshold]!);
  f[base + R.state] = state;
  f[base + R.kind] = state;
  f[base + R.onsetMs] = sinceMs === 0 ? timeMs : sinceMs;
  f[base + R.openedMs] = timeMs;
  f[base + R.openPoints] = 1;
  f[base + R.calmPoints] = 0;
  f[base + R.peakScore] = out[O.score]!;
  f[base + R.direction] = out[O.deviation]! >= 0 ? 1 : -1;
  f[base + R.budget]! += 1;
  f[base + R.steps]! += 1;
  f[base + R.sumUp] = 0;
  f[base + R.sumDown] = 0;
  f[base + R.runPeak] = 0; // an anomaly's height is not what normal looks like
  return ACTION.open;
}

function whileOpen(f: Float64Array, base: number, timeMs: number, value: number, tau: number, out: Float64Array): Action {
  f[base + R.steps]! += 1;
  f[base + R.mute] = 0;
  f[base + R.openPoints]! += 1;
  const opened = f[base + R.openPoints]!;
  if (out[O.score]! > f[base + R.peakScore]!) f[base + R.peakScore] = out[O.score]!;
  const drifting = f[base + R.state] === STATE.drift;
  const calm = drifting ? Math.abs(f[base + R.mean3]!) < TUNING.driftAllowance * out[O.scaleSlow]! : out[O.score]! < tau / 2;
  f[base + R.calmPoints] = calm ? f[base + R.calmPoints]! + 1 : 0;
  const needed = Math.max(TUNING.closeMinPoints, Math.min(opened / 4, TUNING.closeMaxPoints));
  if (f[base + R.calmPoints]! >= needed) {
    f[base + R.state] = STATE.calm;
    settle(f, base);
    return ACTION.close;
  }
  if (timeMs - f[base + R.openedMs]! > TUNING.freezeMs) relearnSlowly(f, base, value, out[O.season]!);
  return opened <= 10 || opened % 4 === 0 ? ACTION.update : ACTION.none;
}
