import { RecordTable } from "@yunwei/series";
import { expectedAt, scoreValue } from "./expectation.ts";
import type { Finding } from "./finding.ts";
import { ACTION, type Action, stepSeries, TRUST, type Trust } from "./life-cycle.ts";
import { stepLimit } from "./limit-life-cycle.ts";
import { type LimitRule, limitRuleOf } from "./limit-rules.ts";
import { O, R, SCRATCH, STATE, STRIDE } from "./record-layout.ts";
import type { SeriesIdentity } from "./series-identity.ts";
import { TUNING } from "./tuning.ts";

export interface DetectorOptions {
  /** Robust z that opens; default TUNING.tau. */
  readonly tau?: number;
  /** Series beyond this many are refused, counted, and not scored; default 400,000 (about 0.5 GB with their names). */
  readonly maxSeries?: number;
}

/** The band of a series at a time. */
export interface Band {
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly mature: boolean;
}

const DEFAULT_MAX_SERIES = 400_000;
const ACTION_STATES = { [ACTION.open]: "open", [ACTION.update]: "update", [ACTION.close]: "close" } as const;

/**
 * The streaming detector of all series of a process: O(1) per point, state in one interleaved record per series.
 * Deterministic in the order of points of each series; series do not influence each other.
 */
export class Detector {
  readonly tau: number;
  readonly maxSeries: number;
  readonly table = new RecordTable(STRIDE);
  /** By slot; undefined = a freed slot. */
  readonly identities: (SeriesIdentity | undefined)[] = [];
  /** Goes up when slots were freed: whoever keeps slots must look them up again. */
  epoch = 0;
  points = 0;
  latePoints = 0;
  refusedSeries = 0;
  openAnomalies = 0;
  readonly #slots = new Map<string, number>();
  readonly #limits: (LimitRule | undefined)[] = [];
  readonly #out = new Float64Array(SCRATCH);
  #findings: Finding[] = [];

  constructor(options: DetectorOptions = {}) {
    this.tau = options.tau ?? TUNING.tau;
    this.maxSeries = options.maxSeries ?? DEFAULT_MAX_SERIES;
  }

  /** The slot of a series, or -1 when it is not known. */
  find(seriesId: string): number {
    return this.#slots.get(seriesId) ?? -1;
  }

  /** The slot of a series, taken in when new; a known series gets the newer identity. @returns -1 when the process is full (counted) */
  register(identity: SeriesIdentity): number {
    let slot = this.find(identity.seriesId);
    if (slot < 0) {
      if (this.table.used >= this.maxSeries) {
        this.refusedSeries++;
        return -1;
      }
      slot = this.table.allocate();
      this.#slots.set(identity.seriesId, slot);
    }
    const { f64 } = this.table.chunkOf(slot);
    const base = this.table.base(slot);
    f64[base + R.minAbsolute] = identity.traits.minAbsolute;
    f64[base + R.minRelative] = identity.traits.minRelative;
    this.identities[slot] = identity;
    this.#limits[slot] = limitRuleOf(identity);
    return slot;
  }

  /** Forgets a series that is over; what is open on it is closed at `timeMs`. */
  expire(slot: number, timeMs: number): void {
    const identity = this.identities[slot];
    if (identity === undefined) return;
    this.#closeAll(slot, timeMs);
    this.#slots.delete(identity.seriesId);
    this.identities[slot] = undefined;
    this.#limits[slot] = undefined;
    this.table.free(slot);
    this.epoch++;
  }

  /** Puts a saved record in the place of a slot's. Precondition: STRIDE doubles of this layout. */
  load(slot: number, record: Float64Array): void {
    const { f64 } = this.table.chunkOf(slot);
    const base = this.table.base(slot);
    const [minAbsolute, minRelative] = [f64[base + R.minAbsolute]!, f64[base + R.minRelative]!];
    f64.set(record, base);
    f64[base + R.minAbsolute] = minAbsolute; // floors of this version, not of the one that saved
    f64[base + R.minRelative] = minRelative;
    if (this.isOpen(slot)) this.openAnomalies++;
  }

  /** One value of one series. Late and repeated points change nothing. */
  observe(slot: number, timeMs: number, value: number, trust: Trust = TRUST.full): void {
    const { f64, f32 } = this.table.chunkOf(slot);
    const base = this.table.base(slot);
    const rule = this.#limits[slot];
    this.points++;
    if (rule !== undefined) {
      const action = stepLimit(f64, base, timeMs, value, rule, this.tau, this.#out);
      if (action !== undefined) {
        if (action !== ACTION.none) this.#note(slot, f64, base, timeMs, value, action, rule);
        return;
      }
    }
    const action = stepSeries(f64, f32, base, timeMs, value, trust, this.tau, this.#out);
    if (action !== ACTION.none) this.#note(slot, f64, base, timeMs, value, action, undefined);
  }

  /** What was found since the last call, in order. */
  drain(): Finding[] {
    const findings = this.#findings;
    this.#findings = [];
    return findings;
  }

  isOpen(slot: number): boolean {
    const { f64 } = this.table.chunkOf(slot);
    const base = this.table.base(slot);
    return f64[base + R.state] !== STATE.calm || f64[base + R.limitOpen] === 1;
  }

  /** Time of the newest point of a series, Unix ms; 0 when it is not known. */
  lastMsOf(seriesId: string): number {
    const slot = this.find(seriesId);
    return slot < 0 ? 0 : this.table.chunkOf(slot).f64[this.table.base(slot) + R.lastMs]!;
  }

  /** What is expected of a series at a time, or undefined while nothing is known of it. */
  bandOf(seriesId: string, timeMs: number): Band | undefined {
    const slot = this.find(seriesId);
    const identity = this.identities[slot];
    if (identity === undefined) return undefined;
    const { f64, f32 } = this.table.chunkOf(slot);
    const base = this.table.base(slot);
    if (f64[base + R.points] === 0) return undefined;
    const out = new Float64Array(SCRATCH);
    scoreValue(f64, f32, base, timeMs, expectedAt(f64, f32, base, timeMs, out), this.tau, out);
    const { low, high } = identity.traits;
    return {
      expected: within(out[O.expected]!, low, high),
      lower: within(out[O.lower]!, low, high),
      upper: within(out[O.upper]!, low, high),
      mature: f64[base + R.points]! >= TUNING.maturePoints,
    };
  }

  #closeAll(slot: number, timeMs: number): void {
    const { f64 } = this.table.chunkOf(slot);
    const base = this.table.base(slot);
    const value = f64[base + R.value]!;
    this.#out.fill(0);
    this.#out[O.expected] = this.#out[O.lower] = this.#out[O.upper] = f64[base + R.level]!;
    const deviating = f64[base + R.state] !== STATE.calm;
    const rule = f64[base + R.limitOpen] === 1 ? this.#limits[slot] : undefined;
    f64[base + R.state] = STATE.calm;
    if (rule !== undefined) {
      f64[base + R.limitOpen] = 0;
      this.#note(slot, f64, base, timeMs, value, ACTION.close, rule);
      if (deviating) this.openAnomalies++; // one series counts once; the next line takes it off
    }
    if (deviating) this.#note(slot, f64, base, timeMs, value, ACTION.close, undefined);
  }

  #note(slot: number, f64: Float64Array, base: number, timeMs: number, value: number, action: Action, rule: LimitRule | undefined): void {
    if (action === ACTION.late || action === ACTION.none) {
      this.latePoints++;
      return;
    }
    if (action === ACTION.open && !(rule !== undefined && f64[base + R.state] !== STATE.calm)) this.openAnomalies++;
    if (action === ACTION.close && !this.isOpen(slot)) this.openAnomalies--;
    const series = this.identities[slot]!;
    const { low, high } = series.traits;
    const out = this.#out;
    const direction = rule?.direction ?? (f64[base + R.direction]! > 0 ? "up" : "down");
    this.#findings.push({
      series,
      detector: rule?.detector ?? (f64[base + R.kind] === STATE.drift ? "drift" : "deviation"),
      state: ACTION_STATES[action],
      timeMs,
      onsetMs: f64[base + (rule === undefined ? R.onsetMs : R.limitOnsetMs)]!,
      value,
      expected: within(out[O.expected]!, low, high),
      lower: within(out[O.lower]!, low, high),
      upper: within(out[O.upper]!, low, high),
      score: out[O.score]!,
      peakScore: f64[base + (rule === undefined ? R.peakScore : R.limitPeak)]!,
      direction,
      harmful: rule !== undefined || series.traits.harmful === "both" || series.traits.harmful === direction,
      mature: rule !== undefined || f64[base + R.points]! > TUNING.maturePoints,
    });
  }
}

function within(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}
