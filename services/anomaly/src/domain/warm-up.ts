import type { Detector } from "./detector.ts";
import { readingOf } from "./metric-intake.ts";
import { counterRate, deltaRate, type Reading } from "./reading.ts";
import { R } from "./record-layout.ts";
import { identify } from "./series-identity.ts";

/** What history says of a series. */
export interface PastSeries {
  readonly seriesId: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: string;
  readonly monotonic: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** History keeps whole seconds: a point delivered again may be this much newer than its copy there. */
const LOST_FRACTION_MS = 999;

/**
 * Teaches a fresh detector from history, in the order of time; what it finds on the way was told before and is dropped.
 * The series are known by id only until the bus says whose they are.
 */
export class WarmUp {
  readonly #detector: Detector;
  readonly #slots = new Map<string, { slot: number; reading: Reading }>();
  points = 0;

  constructor(detector: Detector) {
    this.#detector = detector;
  }

  /** Takes a series in; other kinds than gauges and sums are left alone. @returns false when it is of another kind or the process is full */
  begin(series: PastSeries): boolean {
    const reading = readingOf(series);
    if (reading === "histogram_mean" || series.kind === "summary") return false;
    const { seriesId, metric, unit, labels } = series;
    const slot = this.#detector.register(
      identify({ seriesId, metric, unit, reading, labels, entity: "", service: "", site: "", tier: "", department: "", source: "" }),
    );
    if (slot < 0) return false;
    this.#slots.set(seriesId, { slot, reading });
    return true;
  }

  /** One raw point. Points of a series must come in the order of time; others are dropped. */
  take(seriesId: string, timeMs: number, raw: number): void {
    const known = this.#slots.get(seriesId);
    if (known === undefined) return;
    const { f64 } = this.#detector.table.chunkOf(known.slot);
    const base = this.#detector.table.base(known.slot);
    let value = raw;
    if (known.reading === "counter_rate") value = counterRate(f64, base, timeMs, raw);
    else if (known.reading === "delta_rate") value = deltaRate(f64, base, timeMs, raw);
    this.points++;
    if (!Number.isNaN(value)) this.#detector.observe(known.slot, timeMs, value);
    this.#detector.drain();
  }

  /** Makes the live stream join on: the newest known second is passed, and counters begin anew. */
  finish(): void {
    for (const { slot } of this.#slots.values()) {
      const { f64 } = this.#detector.table.chunkOf(slot);
      const base = this.#detector.table.base(slot);
      if (f64[base + R.lastMs]! > 0) f64[base + R.lastMs]! += LOST_FRACTION_MS;
      f64[base + R.rawMs] = 0;
    }
    this.#slots.clear();
  }
}
