import { wider } from "@yunwei/otlp";
import { type NativeColumn, TypedColumn } from "@yunwei/store";
import type { PointBatch } from "./point-batch.ts";
import { pointHead } from "./point-head.ts";
import type { SeriesFacts } from "./series-facts.ts";

/*
 * State of argMax(Float64, DateTime) as ClickHouse keeps it, little endian: u8 1, f64 the value, u8 1, u32 its time
 * (rollup-block.int.test.ts holds it against the engine's own).
 */
const STATE_BYTES = 14;

/**
 * The block of a roll-up table: what the points of a batch add to their buckets. The tables sum such rows up, so that a
 * bucket may come in any number of pieces; the insert carries the batch's token, so that a piece counts once.
 * @param bucketS - 300 or 3,600
 */
export function rollupBlock({ rows, series, seconds, value }: PointBatch, facts: SeriesFacts, bucketS: number): Record<string, NativeColumn> {
  const groups = new Groups(Math.max(16, rows >>> 2));
  let lastSeries = -1;
  let lastBucket = -1;
  for (let row = 0; row < rows; row++) {
    const reading = value[row]!;
    if (!Number.isFinite(reading)) continue;
    const second = seconds[row]!;
    const bucket = second - (second % bucketS);
    if (series[row] !== lastSeries || bucket !== lastBucket) {
      lastSeries = series[row]!;
      lastBucket = bucket;
      groups.begin(lastSeries, bucket);
    }
    groups.add(reading, second);
  }
  return groups.columns(facts);
}

class Groups {
  #rows = 0;
  #series: Uint32Array;
  #bucket: Uint32Array;
  /** UInt64 as lanes, low first; a batch has fewer than 2^32 points. */
  #count: Uint32Array;
  #sum: Float64Array;
  #least: Float64Array;
  #most: Float64Array;
  #last: Float64Array;
  #lastSecond: Uint32Array;

  constructor(size: number) {
    this.#series = new Uint32Array(size);
    this.#bucket = new Uint32Array(size);
    this.#count = new Uint32Array(2 * size);
    this.#sum = new Float64Array(size);
    this.#least = new Float64Array(size);
    this.#most = new Float64Array(size);
    this.#last = new Float64Array(size);
    this.#lastSecond = new Uint32Array(size);
  }

  begin(series: number, bucket: number): void {
    if (this.#rows === this.#series.length) this.#grow();
    const at = this.#rows++;
    this.#series[at] = series;
    this.#bucket[at] = bucket;
    this.#least[at] = Number.POSITIVE_INFINITY;
    this.#most[at] = Number.NEGATIVE_INFINITY;
  }

  add(value: number, second: number): void {
    const at = this.#rows - 1;
    this.#count[2 * at]!++;
    this.#sum[at]! += value;
    if (value < this.#least[at]!) this.#least[at] = value;
    if (value > this.#most[at]!) this.#most[at] = value;
    if (second > this.#lastSecond[at]!) {
      this.#lastSecond[at] = second;
      this.#last[at] = value;
    }
  }

  #grow(): void {
    this.#series = wider(this.#series);
    this.#bucket = wider(this.#bucket);
    this.#count = wider(this.#count);
    this.#sum = wider(this.#sum);
    this.#least = wider(this.#least);
    this.#most = wider(this.#most);
    this.#last = wider(this.#last);
    this.#lastSecond = wider(this.#lastSecond);
  }

  columns(facts: SeriesFacts): Record<string, NativeColumn> {
    const rows = this.#rows;
    return {
      ...pointHead(facts, rows, this.#series),
      t: new TypedColumn("DateTime", this.#bucket, rows, 4),
      n: new TypedColumn("UInt64", this.#count, rows, 8),
      s: new TypedColumn("Float64", this.#sum, rows, 8),
      mn: new TypedColumn("Float64", this.#least, rows, 8),
      mx: new TypedColumn("Float64", this.#most, rows, 8),
      last: new TypedColumn("AggregateFunction(argMax, Float64, DateTime('UTC'))", this.#states(), rows, STATE_BYTES),
    };
  }

  #states(): Uint8Array {
    const states = new DataView(new ArrayBuffer(STATE_BYTES * this.#rows));
    for (let row = 0, at = 0; row < this.#rows; row++, at += STATE_BYTES) {
      states.setUint8(at, 1);
      states.setFloat64(at + 1, this.#last[row]!, true);
      states.setUint8(at + 9, 1);
      states.setUint32(at + 10, this.#lastSecond[row]!, true);
    }
    return new Uint8Array(states.buffer);
  }
}
