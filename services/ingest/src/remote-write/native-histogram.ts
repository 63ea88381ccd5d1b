import { BucketSide, MAX_BUCKETS, NOT_WHOLE } from "./bucket-side.ts";
import type { RemoteWriteWire } from "./remote-write-wire.ts";

/*
 * Histogram, the same in 1.0 and 2.0:
 *   { 1 count uint64 | 2 count double, 3 sum, 4 schema sint32, 5 zero_threshold, 6 zero_count uint64 | 7 zero_count double,
 *     8 negative_spans, 9 negative_deltas sint64, 10 negative_counts double, 11 positive_spans, 12 positive_deltas, 13 positive_counts,
 *     14 reset_hint, 15 timestamp int64 ms, 16 custom_values double, 17 start_timestamp int64 ms }
 *   BucketSpan { 1 offset sint32, 2 length uint32 }
 * A span skips `offset` buckets (the first: begins there) and covers the next `length` ones. Integer counts are differences.
 */

const RESET_HINT_GAUGE = 3;
/** Buckets with bounds of their own (custom_values). */
const SCHEMA_CUSTOM = -53;
const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/** The native histogram in hand. */
export class NativeHistogram {
  readonly positive = new BucketSide();
  readonly negative = new BucketSide();
  readonly bounds = new Float64Array(MAX_BUCKETS);
  boundCount = 0;
  count = 0;
  sum = 0;
  schema = 0;
  zeroThreshold = 0;
  zeroCount = 0;
  timeMs = 0;
  startMs = 0;
  /** The series has ended: Prometheus says so by a NaN of its own as the sum. */
  isStale = false;
  #isFloat = false;
  #isGauge = false;

  get isCustom(): boolean {
    return this.schema === SCHEMA_CUSTOM;
  }

  /** Reads the Histogram message `[pos, end)`. */
  read(wire: RemoteWriteWire, end: number): void {
    this.#clear();
    while (wire.next(end)) {
      if (wire.field >= 8 && wire.field <= 13) this.#readBuckets(wire, end);
      else this.#readNumber(wire, end);
    }
  }

  /** Why it has no place in OTLP or is not sound; undefined when it is fine: the sides then hold dense counts. */
  problem(): string | undefined {
    if (this.isStale) return undefined;
    if (this.#isGauge) return "a gauge histogram has no form in OTLP";
    if (!this.isCustom && (this.schema < MIN_SCHEMA || this.schema > MAX_SCHEMA)) return `histogram schema ${this.schema} has no form in OTLP`;
    const sides = this.positive.densify(this.#isFloat) ?? this.negative.densify(this.#isFloat);
    if (sides !== undefined) return sides;
    if (!isWhole(this.count) || !isWhole(this.zeroCount)) return NOT_WHOLE;
    return this.#sumProblem() ?? (this.isCustom ? this.#customProblem() : undefined);
  }

  #sumProblem(): string | undefined {
    const inBuckets = this.zeroCount + this.positive.total + this.negative.total;
    // Observations of NaN are counted and lie in no bucket; they make the sum NaN.
    if (inBuckets === this.count || (Number.isNaN(this.sum) && inBuckets < this.count)) return undefined;
    return `the histogram counts ${this.count} observations, its buckets ${inBuckets}`;
  }

  #customProblem(): string | undefined {
    if (this.boundCount > MAX_BUCKETS) return `more than ${MAX_BUCKETS} bounds`;
    if (this.negative.denseCount > 0 || this.zeroCount !== 0) return "a histogram with bounds of its own has no negative or zero bucket";
    for (let i = 0; i < this.boundCount; i++) {
      if (!Number.isFinite(this.bounds[i]!) || (i > 0 && this.bounds[i]! <= this.bounds[i - 1]!)) return "histogram bounds that do not rise";
    }
    const { first, denseCount } = this.positive;
    return denseCount > 0 && (first < 0 || first + denseCount > this.boundCount + 1) ? "a bucket beyond the histogram's bounds" : undefined;
  }

  #clear(): void {
    this.positive.clear();
    this.negative.clear();
    this.boundCount = this.count = this.sum = this.schema = this.zeroThreshold = this.zeroCount = this.timeMs = this.startMs = 0;
    this.isStale = this.#isFloat = this.#isGauge = false;
  }

  #readBuckets(wire: RemoteWriteWire, end: number): void {
    const side = wire.field < 11 ? this.negative : this.positive;
    if (wire.field === 8 || wire.field === 11) side.readSpan(wire, end);
    else if (wire.field === 9 || wire.field === 12) side.readDeltas(wire, end);
    else side.readCounts(wire, end);
  }

  #readNumber(wire: RemoteWriteWire, end: number): void {
    switch (wire.field) {
      case 1:
      case 6:
        wire.number(end);
        if (wire.field === 1) this.#isFloat = false;
        this.#setCount(wire.field === 1, wire.unsigned());
        break;
      case 2:
      case 7:
        if (wire.field === 2) this.#isFloat = true;
        this.#setCount(wire.field === 2, wire.double(end));
        break;
      case 3:
        this.sum = wire.double(end);
        this.isStale = wire.view.getUint32(wire.pos - 8, true) === STALE_LOW && wire.view.getUint32(wire.pos - 4, true) === STALE_HIGH;
        break;
      case 4:
        this.schema = wire.zigzag32(end);
        break;
      case 5:
        this.zeroThreshold = wire.double(end);
        break;
      case 14:
        this.#isGauge = wire.number(end) === RESET_HINT_GAUGE;
        break;
      case 15:
        wire.number(end);
        this.timeMs = wire.signed();
        break;
      case 16:
        this.#readBounds(wire, end);
        break;
      case 17:
        wire.number(end);
        this.startMs = wire.signed();
        break;
      default:
        wire.skip(end);
    }
  }

  #setCount(isTotal: boolean, value: number): void {
    if (isTotal) this.count = value;
    else this.zeroCount = value;
  }

  #readBounds(wire: RemoteWriteWire, end: number): void {
    const packedEnd = wire.type === 1 ? wire.pos + 8 : wire.sliceEnd(end);
    wire.type = 1;
    while (wire.pos < packedEnd) {
      const bound = wire.double(Math.min(packedEnd, end));
      if (this.boundCount < MAX_BUCKETS) this.bounds[this.boundCount] = bound;
      this.boundCount++;
    }
  }
}

/** A count that OTLP's integers can say. */
function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
