import { isUtf8 } from "node:buffer";
import { digitsOf, putDigits, putHex } from "./digits.ts";
import { FIRST_BYTES, grown, type NativeColumn } from "./native-column.ts";

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const MINUS = 0x2d;
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

  /** A text that will hardly come again: encoded in place, and not kept. */
  once(value: string): void {
    const { length } = value;
    this.#room(length);
    const begin = this.#used;
    this.#length(length);
    // As long as it is ASCII it has as many bytes as characters.
    if (length === 0 || encoder.encodeInto(value, this.#bytes.subarray(this.#used, this.#used + length)).read === length) {
      this.#used += length;
      this.rows++;
      return;
    }
    this.#used = begin;
    const bytes = encoder.encode(value);
    this.slice(bytes, 0, bytes.length);
  }

  /** A whole number up to 2^53 either way, in decimal digits. */
  integer(value: number): void {
    const amount = Math.abs(value);
    const digits = digitsOf(amount);
    const isNegative = value < 0;
    this.#room(digits + 1);
    this.#bytes[this.#used++] = isNegative ? digits + 1 : digits;
    if (isNegative) this.#bytes[this.#used++] = MINUS;
    this.#used = putDigits(this.#bytes, this.#used, amount, digits);
    this.rows++;
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
    this.#used = putHex(this.#bytes, this.#used, bytes, start, end);
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
