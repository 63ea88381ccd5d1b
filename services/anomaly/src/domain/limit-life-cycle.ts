import { ACTION, type Action, GREATEST, holdSeries } from "./life-cycle.ts";
import type { LimitRule } from "./limit-rules.ts";
import { O, R } from "./record-layout.ts";
import { TUNING } from "./tuning.ts";

/**
 * One point under a limit rule: opens at the first breach, closes after three points without one. While it is open the
 * statistical life cycle stands still.
 * @returns undefined when the rule has nothing to say and the point belongs to the statistics
 */
export function stepLimit(f: Float64Array, base: number, timeMs: number, value: number, rule: LimitRule, tau: number, out: Float64Array): Action | undefined {
  if (!(timeMs > f[base + R.lastMs]!)) return ACTION.late;
  if (!(Math.abs(value) <= GREATEST)) return ACTION.none;
  const open = f[base + R.limitOpen] === 1;
  const previous = f[base + R.points] === 0 ? Number.NaN : f[base + R.value]!;
  const severity = rule.breach(value, previous, open);
  if (!open && severity === 0) {
    if (!rule.alone) return undefined;
    holdSeries(f, base, timeMs, value);
    return ACTION.none;
  }
  const action = open ? whileOpen(f, base, severity) : openLimit(f, base, timeMs, value, previous, rule);
  describe(f, base, value, severity * tau, rule, out);
  holdSeries(f, base, timeMs, value);
  return action;
}

function openLimit(f: Float64Array, base: number, timeMs: number, value: number, previous: number, rule: LimitRule): Action {
  const restart = rule.detector === "deviation";
  f[base + R.limitOpen] = 1;
  f[base + R.limitOnsetMs] = restart ? Math.max(timeMs - Math.max(value, 0) * 1000, f[base + R.lastMs]!) : timeMs;
  f[base + R.limitPoints] = 1;
  f[base + R.limitCalm] = 0;
  f[base + R.limitPeak] = 0;
  if (restart) f[base + R.level] = previous; // the level of such a series means nothing else: keep what was expected
  return ACTION.open;
}

function whileOpen(f: Float64Array, base: number, severity: number): Action {
  f[base + R.limitPoints]! += 1;
  f[base + R.limitCalm] = severity === 0 ? f[base + R.limitCalm]! + 1 : 0;
  if (f[base + R.limitCalm]! >= TUNING.closeMinPoints) {
    f[base + R.limitOpen] = 0;
    return ACTION.close;
  }
  const told = f[base + R.limitPoints]!;
  return told <= 10 || told % 4 === 0 ? ACTION.update : ACTION.none;
}

function describe(f: Float64Array, base: number, value: number, score: number, rule: LimitRule, out: Float64Array): void {
  const expected = rule.detector === "deviation" ? f[base + R.level]! : rule.threshold;
  out[O.expected] = expected;
  out[O.lower] = rule.direction === "up" ? Math.min(0, expected) : expected;
  out[O.upper] = rule.direction === "up" ? expected : Math.max(expected, value);
  out[O.score] = score;
  out[O.deviation] = value - expected;
  if (score > f[base + R.limitPeak]!) f[base + R.limitPeak] = score;
}
