import { isUtf8 } from "node:buffer";
import { DictionaryColumn } from "./dictionary-column.ts";

/*
 * ClickHouse Native format, one block (clickhouse.com/docs/interfaces/formats/Native):
 *   varint columns, varint rows, then per column: name (varint length, bytes), type (the same), data
 *   data: fixed-width values back to back, little endian; String = varint length + bytes each;
 *   Array(T) = u64 end offset of each row, then the elements; Map(K,V) = Array of the pairs: offsets, all keys, all values;
 *   Nullable(T) = one byte a row (1 = null), then the values
 */

/** One column of a block being built. */
export interface NativeColumn {
  readonly type: string;
  readonly rows: number;
  /** The data as pieces, in order; views, valid until the column is cleared or grows. */
  pieces(): Uint8Array[];
  clear(): void;
}

const FIRST_BYTES = 4096;

function grown(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  let size = bytes.length * 2;
  while (size < needed) size *= 2;
  const wide = new Uint8Array(size);
  wide.set(bytes);
  return wide;
}

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

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8");
const HEX_DIGITS = encoder.encode("0123456789abcdef");
/** From this length on a copy by the engine's own routine is faster than one byte by byte. */
const LONG_BYTES = 64;
/** Encoded texts kept for reuse: names that repeat in every row. */
const MAX_CACHED = 10_000;

/** A column of String. */
export class StringColumn implements NativeColumn {
  readonly type = "String";
  rows = 0;
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;
  readonly #cache = new Map<string, Uint8Array>();
  /** The text pushed last, with its bytes: rows of one resource follow each other. */
  #lastText = "";
  #lastBytes: Uint8Array = new Uint8Array(0);

  #room(bytes: number): void {
    if (this.#used + bytes + 10 > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#used + bytes + 10);
  }

  #length(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#used++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#used++] = rest;
  }

  text(value: string): void {
    if (value !== this.#lastText) {
      this.#lastBytes = this.#encoded(value);
      this.#lastText = value;
    }
    this.slice(this.#lastBytes, 0, this.#lastBytes.length);
  }

  #encoded(value: string): Uint8Array {
    const known = this.#cache.get(value);
    if (known !== undefined) return known;
    const bytes = encoder.encode(value);
    if (this.#cache.size < MAX_CACHED && value.length < 200) this.#cache.set(value, bytes);
    return bytes;
  }

  /** Outside bytes that should be UTF-8, copied as they are; what is not UTF-8 in them becomes U+FFFD. */
  utf8(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < LONG_BYTES && isAscii(bytes, start, end)) {
      this.slice(bytes, start, end);
      return;
    }
    const part = bytes.subarray(start, end);
    if (isUtf8(part)) this.slice(part, 0, part.length);
    else {
      const mended = encoder.encode(lenient.decode(part));
      this.slice(mended, 0, mended.length);
    }
  }

  /**
   * Outside bytes that have their length before them as this format wants it (a Protocol Buffers string, `[at, end)` with the
   * text from `start` on), copied together; text that is not UTF-8 is mended as in `utf8`.
   */
  prefixed(bytes: Uint8Array, at: number, start: number, end: number): void {
    if (end - at >= LONG_BYTES || start - at !== 1) {
      this.utf8(bytes, start, end);
      return;
    }
    this.#room(end - at);
    const own = this.#bytes;
    let used = this.#used;
    let seen = 0;
    for (let i = at; i < end; i++) {
      const byte = bytes[i]!;
      seen |= byte;
      own[used++] = byte;
    }
    if (seen >= 0x80 && !isUtf8(bytes.subarray(start, end))) {
      this.utf8(bytes, start, end);
      return;
    }
    this.#used = used;
    this.rows++;
  }

  /** Bytes as lower-case hexadecimal digits: ids, which would only fill the cache of texts. */
  hex(bytes: Uint8Array, start: number, end: number): void {
    const length = 2 * (end - start);
    this.#room(length);
    this.#length(length);
    for (let i = start; i < end; i++) {
      this.#bytes[this.#used++] = HEX_DIGITS[bytes[i]! >> 4]!;
      this.#bytes[this.#used++] = HEX_DIGITS[bytes[i]! & 15]!;
    }
    this.rows++;
  }

  slice(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#room(length);
    this.#length(length);
    if (length < LONG_BYTES) for (let i = start; i < end; i++) this.#bytes[this.#used++] = bytes[i]!;
    else {
      this.#bytes.set(bytes.subarray(start, end), this.#used);
      this.#used += length;
    }
    this.rows++;
  }

  pieces(): Uint8Array[] {
    return [this.#bytes.subarray(0, this.#used)];
  }

  clear(): void {
    this.#used = 0;
    this.rows = 0;
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i]!;
  return seen < 0x80;
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

/** Map(LowCardinality(String), String): push pairs into `keys` and `values`, then `end()` the row. */
export class MapColumn implements NativeColumn {
  readonly type = "Map(LowCardinality(String), String)";
  readonly keys = new DictionaryColumn();
  readonly values = new StringColumn();
  readonly #offsets = new FixedColumn("UInt64", 8);

  get rows(): number {
    return this.#offsets.rows;
  }

  end(): void {
    this.#offsets.i64(this.keys.rows);
  }

  map(pairs: ReadonlyMap<string, string>): void {
    for (const [key, value] of pairs) {
      this.keys.text(key);
      this.values.text(value);
    }
    this.end();
  }

  pieces(): Uint8Array[] {
    return [this.keys.prefix(), ...this.#offsets.pieces(), ...this.keys.body(), ...this.values.pieces()];
  }

  clear(): void {
    this.#offsets.clear();
    this.keys.clear();
    this.values.clear();
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

/** The block as bytes. Precondition, checked: every column has the same number of rows. */
export function encodeBlock(columns: Readonly<Record<string, NativeColumn>>): Uint8Array {
  const entries = Object.entries(columns);
  const rows = entries[0]?.[1].rows ?? 0;
  const pieces: Uint8Array[] = [varint(entries.length), varint(rows)];
  for (const [name, column] of entries) {
    if (column.rows !== rows) throw new RangeError(`column ${name} has ${column.rows} rows, ${rows} are wanted`);
    for (const text of [name, column.type]) {
      const bytes = encoder.encode(text);
      pieces.push(varint(bytes.length), bytes);
    }
    pieces.push(...column.pieces());
  }
  return Buffer.concat(pieces);
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}
