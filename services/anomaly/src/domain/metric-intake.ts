import type { MetricDecoding, SeriesInfo } from "@yunwei/otlp";
import type { Detector } from "./detector.ts";
import { TRUST } from "./life-cycle.ts";
import type { Presence } from "./presence.ts";
import { counterRate, deltaRate, type HistogramReading, type Reading, readHistogram } from "./reading.ts";
import { R } from "./record-layout.ts";
import { identify, type SeriesIdentity } from "./series-identity.ts";
import type { SourceClock } from "./source-clock.ts";

/** Fewer observations than this in a histogram point say little about their mean. */
const MIN_OBSERVATIONS = 3;
const CUMULATIVE = 2;

/** How a decoder's series is read: where its state is, and who reports it. */
interface Plan {
  readonly reading: Reading;
  /** Slot of the value (or mean), and of the histogram's rate; -1 = refused. */
  readonly slot: number;
  readonly rateSlot: number;
  readonly reporter: number;
}

/** Feeds decoded number and histogram points to the detector: rates of counters, means and rates of histograms. */
export class MetricIntake {
  readonly #detector: Detector;
  readonly #presence: Presence;
  /** By the index in the catalogue in hand. */
  #plans: (Plan | undefined)[] = [];
  #epoch = -1;
  #series: readonly SeriesInfo[] | undefined;
  readonly #histogram: HistogramReading = { observations: 0, mean: 0, rate: 0 };

  constructor(detector: Detector, presence: Presence) {
    this.#detector = detector;
    this.#presence = presence;
  }

  /**
   * The points of one decoded request.
   * @param clock - of the request's source; @param nowMs - process clock
   */
  take(decoded: MetricDecoding, clock: SourceClock, partition: number, nowMs: number): void {
    if (this.#epoch !== this.#detector.epoch || this.#series !== decoded.series) {
      this.#plans = [];
      this.#series = decoded.series;
      this.#epoch = this.#detector.epoch;
    }
    this.#hear(decoded, clock, partition, nowMs);
    const seenMs = clock.advance(nowMs);
    const { numbers, histograms } = decoded;
    for (let i = 0; i < numbers.count; i++) {
      const value = numbers.value[i]!;
      if (!Number.isNaN(value)) this.#number(this.#planOf(decoded.series[numbers.series[i]!]!), numbers.timeMs[i]!, value, seenMs);
    }
    for (let i = 0; i < histograms.count; i++) {
      const plan = this.#planOf(decoded.series[histograms.series[i]!]!);
      const cumulative = histograms.temporality[i] === CUMULATIVE;
      this.#point(plan, histograms.timeMs[i]!, histograms.startMs[i]!, histograms.observations[i]!, histograms.sum[i]!, cumulative, seenMs);
    }
  }

  #hear(decoded: MetricDecoding, clock: SourceClock, partition: number, nowMs: number): void {
    const { numbers, histograms } = decoded;
    for (let i = 0; i < numbers.count; i++) {
      if (!Number.isNaN(numbers.value[i])) {
        clock.hear(partition, this.#planOf(decoded.series[numbers.series[i]!]!).reporter, numbers.timeMs[i]!, nowMs);
      }
    }
    for (let i = 0; i < histograms.count; i++) {
      clock.hear(partition, this.#planOf(decoded.series[histograms.series[i]!]!).reporter, histograms.timeMs[i]!, nowMs);
    }
  }

  #number(plan: Plan, timeMs: number, raw: number, seenMs: number): void {
    if (plan.slot < 0) return;
    const { f64 } = this.#detector.table.chunkOf(plan.slot);
    const base = this.#detector.table.base(plan.slot);
    f64[base + R.seenAtMs] = seenMs;
    let value = raw;
    if (plan.reading === "counter_rate") value = counterRate(f64, base, timeMs, raw);
    else if (plan.reading === "delta_rate") value = deltaRate(f64, base, timeMs, raw);
    if (!Number.isNaN(value)) this.#detector.observe(plan.slot, timeMs, value);
  }

  #point(plan: Plan, timeMs: number, startMs: number, count: number, sum: number, cumulative: boolean, seenMs: number): void {
    if (plan.slot < 0) return;
    const { f64 } = this.#detector.table.chunkOf(plan.slot);
    const base = this.#detector.table.base(plan.slot);
    f64[base + R.seenAtMs] = seenMs;
    const read = readHistogram(f64, base, timeMs, startMs, count, sum, cumulative, this.#histogram);
    if (!Number.isNaN(read.mean)) this.#detector.observe(plan.slot, timeMs, read.mean, read.observations >= MIN_OBSERVATIONS ? TRUST.full : TRUST.learn);
    if (!Number.isNaN(read.rate) && plan.rateSlot >= 0) this.#detector.observe(plan.rateSlot, timeMs, read.rate);
  }

  #planOf(series: SeriesInfo): Plan {
    const known = this.#plans[series.index];
    if (known !== undefined) return known;
    const value = identityOfSeries(series, readingOf(series));
    const slot = this.#detector.register(value);
    const reporter = this.#presence.attach(slot, value);
    let rateSlot = -1;
    if (value.reading === "histogram_mean") {
      const rate = identityOfSeries(series, "histogram_rate");
      rateSlot = this.#detector.register(rate);
      this.#presence.attach(rateSlot, rate);
    }
    const plan: Plan = { reading: value.reading, slot, rateSlot, reporter };
    this.#plans[series.index] = plan;
    return plan;
  }
}

/** How points of that kind become a value. */
export function readingOf(series: { kind: string; monotonic: boolean }): Reading {
  if (series.kind === "sum" && series.monotonic) return "counter_rate";
  if (series.kind === "delta") return "delta_rate";
  return series.kind === "histogram" || series.kind === "exponential_histogram" ? "histogram_mean" : "gauge";
}

/** The rate of a histogram is a series of its own: the mean's id with its first digit turned, `<metric>.count_rate`. */
function identityOfSeries(series: SeriesInfo, reading: Reading): SeriesIdentity {
  const { entity, service, site, tier, department, source } = series.resource;
  const rate = reading === "histogram_rate";
  return identify({
    seriesId: rate ? turned(series.seriesId) : series.seriesId,
    metric: rate ? `${series.metric}.count_rate` : series.metric,
    unit: rate ? "1/s" : series.unit,
    reading,
    entity,
    service,
    site,
    tier,
    department,
    source,
    labels: Object.fromEntries(series.labels),
  });
}

function turned(seriesId: string): string {
  return (15 - Number.parseInt(seriesId.slice(0, 1), 16)).toString(16) + seriesId.slice(1);
}
