import type { MetricDecoding } from "@yunwei/otlp";
import { RowOrder } from "./row-order.ts";
import type { SeriesOrder } from "./series-order.ts";

const HOUR_S = 3600;

/** Points of several requests, in the order of a point table's key (metric, department, hour, series, time). */
export interface PointBatch {
  readonly rows: number;
  /** Index in the decoder's catalogue. */
  readonly series: Uint32Array;
  /** Unix seconds. */
  readonly seconds: Uint32Array;
  readonly value: Float64Array;
  readonly flags: Uint8Array;
}

/** Puts the number points of requests of one decoder together. Within a series they stay as they came. */
export class PointGatherer {
  readonly #keyOrder = new KeyOrder();

  gather(requests: readonly MetricDecoding[], order: SeriesOrder): PointBatch {
    let rows = 0;
    for (const { numbers } of requests) rows += numbers.count;
    const series = new Uint32Array(rows);
    const seconds = new Uint32Array(rows);
    const value = new Float64Array(rows);
    const flags = new Uint8Array(rows);
    let at = 0;
    for (const { numbers } of requests) {
      const { count } = numbers;
      series.set(numbers.series.subarray(0, count), at);
      value.set(numbers.value.subarray(0, count), at);
      flags.set(numbers.flags.subarray(0, count), at);
      for (let row = 0; row < count; row++) seconds[at + row] = numbers.timeMs[row]! / 1000; // the array keeps whole seconds
      at += count;
    }
    const places = this.#keyOrder.sort(series, seconds, order);
    const sorted = { rows, series: new Uint32Array(rows), seconds: new Uint32Array(rows), value: new Float64Array(rows), flags: new Uint8Array(rows) };
    for (let place = 0; place < rows; place++) {
      const row = places[place]!;
      sorted.series[place] = series[row]!;
      sorted.seconds[place] = seconds[row]!;
      sorted.value[place] = value[row]!;
      sorted.flags[place] = flags[row]!;
    }
    return sorted;
  }
}

/** The order of point rows by (metric, department, hour, series). */
export class KeyOrder {
  readonly #rows = new RowOrder();
  #rank = new Uint32Array(0);
  #hour = new Uint32Array(0);
  #group = new Uint32Array(0);

  /** Places -> rows; valid until the next call. */
  sort(series: Uint32Array, seconds: Uint32Array, order: SeriesOrder): Uint32Array {
    const rows = series.length;
    if (rows > this.#rank.length) {
      const size = Math.max(rows, 2 * this.#rank.length);
      this.#rank = new Uint32Array(size);
      this.#hour = new Uint32Array(size);
      this.#group = new Uint32Array(size);
    }
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (let row = 0; row < rows; row++) {
      this.#rank[row] = order.rank[series[row]!]!;
      const second = seconds[row]!;
      if (second < first) first = second;
      if (second > last) last = second;
    }
    this.#rows.reset(rows);
    this.#rows.by(this.#rank, order.rank.length);
    const firstHour = Math.floor(first / HOUR_S);
    const hours = Math.floor(last / HOUR_S) - firstHour;
    if (hours > 0) {
      for (let row = 0; row < rows; row++) {
        this.#hour[row] = Math.floor(seconds[row]! / HOUR_S) - firstHour;
        this.#group[row] = order.group[series[row]!]!;
      }
      this.#rows.by(this.#hour, hours);
      this.#rows.by(this.#group, order.groups);
    }
    return this.#rows.order;
  }
}
