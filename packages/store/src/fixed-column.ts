import { FIRST_BYTES, grown, type NativeColumn } from "./native-column.ts";

/** A column of `width`-byte values. */
export class FixedColumn implements NativeColumn {
  readonly type: string;
  readonly #width: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  constructor(type: string, width: number) {
    this.type = type;
    this.#width = width;
  }

  get rows(): number {
    return this.#used / this.#width;
  }

  #at(bytes: number): number {
    const at = this.#used;
    if (at + bytes > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, at + bytes);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#used = at + bytes;
    return at;
  }

  u8(value: number): void {
    const at = this.#at(1); // first: it may replace the buffer
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#at(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#at(4);
    this.#view.setUint32(at, value, true);
  }

  /** A 64-bit value as two lanes. */
  lanes(high: number, low: number): void {
    const at = this.#at(8);
    this.#view.setUint32(at, low, true);
    this.#view.setUint32(at + 4, high, true);
  }

  /** Eight bytes, most significant first, given as two lanes: ids as they stand on the wire. */
  bigEndian(high: number, low: number): void {
    const at = this.#at(8);
    this.#view.setUint32(at, high, false);
    this.#view.setUint32(at + 4, low, false);
  }

  /** 32-bit words `[from, to)` as they are: 64-bit values already in two lanes, low first. */
  words(words: Uint32Array, from: number, to: number): void {
    const at = this.#at(4 * (to - from));
    for (let i = from; i < to; i++) this.#view.setUint32(at + 4 * (i - from), words[i]!, true);
  }

  /** A whole number, exact up to 2^53; negative ones as two's complement. */
  i64(value: number): void {
    const at = this.#at(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setInt32(at + 4, Math.floor(value / 4294967296), true);
  }

  f64(value: number): void {
    const at = this.#at(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Bytes `[start, end)` as they are, e.g. a FixedString or values already in place. */
  raw(bytes: Uint8Array, start: number, end: number): void {
    const at = this.#at(end - start);
    this.#bytes.set(bytes.subarray(start, end), at);
  }

  pieces(): Uint8Array[] {
    return [this.#bytes.subarray(0, this.#used)];
  }

  clear(): void {
    this.#used = 0;
  }
}

/** Array(T): push elements into `inner`, then `end()` the row. */
export class ArrayColumn implements NativeColumn {
  readonly type: string;
  readonly inner: FixedColumn;
  readonly #offsets = new FixedColumn("UInt64", 8);

  constructor(innerType: string, width: number) {
    this.inner = new FixedColumn(innerType, width);
    this.type = `Array(${innerType})`;
  }

  get rows(): number {
    return this.#offsets.rows;
  }

  end(): void {
    this.#offsets.i64(this.inner.rows);
  }

  pieces(): Uint8Array[] {
    return [...this.#offsets.pieces(), ...this.inner.pieces()];
  }

  clear(): void {
    this.inner.clear();
    this.#offsets.clear();
  }
}

/** Nullable(Float64): NaN is null. */
export class NullableFloatColumn implements NativeColumn {
  readonly type = "Nullable(Float64)";
  readonly #nulls = new FixedColumn("UInt8", 1);
  readonly #values = new FixedColumn("Float64", 8);

  get rows(): number {
    return this.#nulls.rows;
  }

  f64(value: number): void {
    this.#nulls.u8(Number.isNaN(value) ? 1 : 0);
    this.#values.f64(value);
  }

  pieces(): Uint8Array[] {
    return [...this.#nulls.pieces(), ...this.#values.pieces()];
  }

  clear(): void {
    this.#nulls.clear();
    this.#values.clear();
  }
}
