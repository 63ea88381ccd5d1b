import type { RemoteWriteWire } from "./remote-write-wire.ts";

/** Most buckets of one side, gaps between them included: a span may name a bucket anywhere. */
export const MAX_BUCKETS = 4096;
/** OTLP keeps the index of the first bucket in 32 bits. */
const MAX_INDEX = 2 ** 31 - 1 - MAX_BUCKETS;

const TOO_MANY = `a histogram of more than ${MAX_BUCKETS} buckets`;
/** OTLP counts in whole numbers. */
export const NOT_WHOLE = "a histogram whose counts are not whole numbers has no form in OTLP";

/** The positive or the negative buckets of the native histogram in hand: first as they were sent, then dense. */
export class BucketSide {
  readonly dense = new Float64Array(MAX_BUCKETS);
  denseCount = 0;
  /** Index of `dense[0]` as Prometheus counts: bucket i ends at base^i. */
  first = 0;
  /** Sum of `dense`. */
  total = 0;
  readonly #offsets = new Int32Array(MAX_BUCKETS);
  readonly #lengths = new Float64Array(MAX_BUCKETS);
  readonly #deltas = new Float64Array(MAX_BUCKETS);
  readonly #counts = new Float64Array(MAX_BUCKETS);
  #spanCount = 0;
  #deltaCount = 0;
  #countCount = 0;

  clear(): void {
    this.denseCount = this.first = this.total = 0;
    this.#spanCount = this.#deltaCount = this.#countCount = 0;
  }

  /** Reads the BucketSpan at hand. */
  readSpan(wire: RemoteWriteWire, end: number): void {
    const spanEnd = wire.sliceEnd(end);
    let offset = 0;
    let length = 0;
    while (wire.next(spanEnd)) {
      if (wire.field === 1) offset = wire.zigzag32(spanEnd);
      else if (wire.field === 2) length = wire.number(spanEnd);
      else wire.skip(spanEnd);
    }
    if (this.#spanCount < MAX_BUCKETS) {
      this.#offsets[this.#spanCount] = offset;
      this.#lengths[this.#spanCount] = length;
    }
    this.#spanCount++;
  }

  /** Reads the differences at hand, packed or one. */
  readDeltas(wire: RemoteWriteWire, end: number): void {
    const single = wire.type === 0;
    const packedEnd = single ? end : wire.sliceEnd(end);
    do {
      if (wire.pos >= packedEnd) break;
      const delta = wire.zigzag64(packedEnd);
      if (this.#deltaCount < MAX_BUCKETS) this.#deltas[this.#deltaCount] = delta;
      this.#deltaCount++;
    } while (!single);
  }

  /** Reads the counts at hand, packed or one. */
  readCounts(wire: RemoteWriteWire, end: number): void {
    const single = wire.type === 1;
    const packedEnd = single ? end : wire.sliceEnd(end);
    wire.type = 1;
    do {
      if (wire.pos >= packedEnd) break;
      const count = wire.double(packedEnd);
      if (this.#countCount < MAX_BUCKETS) this.#counts[this.#countCount] = count;
      this.#countCount++;
    } while (!single);
  }

  /** Lays the buckets out densely. @returns why that cannot be done, or undefined */
  densify(isFloat: boolean): string | undefined {
    const values = isFloat ? this.#counts : this.#deltas;
    const given = isFloat ? this.#countCount : this.#deltaCount;
    if (this.#spanCount > MAX_BUCKETS || given > MAX_BUCKETS) return TOO_MANY;
    if (!isFloat) for (let i = 1; i < given; i++) values[i]! += values[i - 1]!;
    for (let i = 0; i < given; i++) {
      if (!(values[i]! >= 0 && values[i]! <= Number.MAX_SAFE_INTEGER)) return "a histogram bucket with a count below 0 or over 2^53";
      if (!Number.isInteger(values[i])) return NOT_WHOLE;
      this.total += values[i]!;
    }
    return this.#layOut(values, given);
  }

  #layOut(values: Float64Array, given: number): string | undefined {
    let taken = 0;
    for (let span = 0; span < this.#spanCount; span++) {
      const gap = this.#gap(span);
      const length = this.#lengths[span]!;
      if (gap < 0) return "histogram spans that go back";
      if (taken + length > given) return "fewer histogram buckets than its spans name";
      if (this.denseCount + gap + length > MAX_BUCKETS) return TOO_MANY;
      this.dense.fill(0, this.denseCount, this.denseCount + gap);
      this.dense.set(values.subarray(taken, taken + length), this.denseCount + gap);
      this.denseCount += gap + length;
      taken += length;
    }
    return taken < given ? "more histogram buckets than its spans name" : undefined;
  }

  /** Empty buckets before the span; the first span says where the side begins instead. */
  #gap(span: number): number {
    const offset = this.#offsets[span]!;
    if (span > 0) return offset;
    this.first = offset;
    return Math.abs(offset) > MAX_INDEX ? -1 : 0;
  }
}
