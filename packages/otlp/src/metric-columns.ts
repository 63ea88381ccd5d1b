import type { HistogramColumns, NumberColumns, SummaryColumns } from "./columns.ts";
import { growColumns, wider } from "./grow.ts";

const FIRST = 1024;
const f64 = (): Float64Array => new Float64Array(FIRST);
const i32 = (): Int32Array => new Int32Array(FIRST);
const u8 = (): Uint8Array => new Uint8Array(FIRST);

export function numberColumns(): NumberColumns {
  return { count: 0, series: i32(), timeMs: f64(), value: f64(), flags: u8() };
}

export function summaryColumns(): SummaryColumns {
  return { count: 0, series: i32(), timeMs: f64(), observations: f64(), sum: f64(), from: i32(), to: i32() };
}

export function histogramColumns(): HistogramColumns {
  return {
    count: 0,
    series: i32(),
    timeMs: f64(),
    startMs: f64(),
    observations: f64(),
    sum: f64(),
    min: f64(),
    max: f64(),
    temporality: u8(),
    bucketFrom: i32(),
    bucketTo: i32(),
    exponential: u8(),
    scale: i32(),
    zeroCount: f64(),
    zeroThreshold: f64(),
    positiveOffset: i32(),
    negativeOffset: i32(),
    negativeFrom: i32(),
    negativeTo: i32(),
  };
}

/** A pool of 64-bit counts in little-endian bytes, as ClickHouse's Array(UInt64) wants them. */
export class CountPool {
  length = 0;
  words = new Uint32Array(4096);

  push(high: number, low: number): void {
    if (2 * this.length + 2 > this.words.length) this.words = wider(this.words);
    this.words[2 * this.length] = low;
    this.words[2 * this.length + 1] = high;
    this.length++;
  }

  /** Takes `count` counts of eight bytes each, little endian, from `at` on. */
  take(view: DataView, at: number, count: number): void {
    const from = 2 * this.length;
    const words = 2 * count;
    if (from + words > this.words.length) {
      const wide = new Uint32Array(Math.max(2 * this.words.length, from + words));
      wide.set(this.words);
      this.words = wide;
    }
    const own = this.words;
    for (let i = 0; i < words; i++) own[from + i] = view.getUint32(at + 4 * i, true);
    this.length += count;
  }
}

/** A pool of (quantile, value) pairs. */
export class QuantilePool {
  length = 0;
  quantile = new Float64Array(256);
  value = new Float64Array(256);

  push(quantile: number, value: number): void {
    if (this.length === this.quantile.length) growColumns(this, 2 * this.length);
    this.quantile[this.length] = quantile;
    this.value[this.length++] = value;
  }
}
