import { isUtf8 } from "node:buffer";
import { digitsOf, putDigits, putHex } from "@yunwei/store";

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true }); // not fatal: what is not UTF-8 becomes U+FFFD
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
/** Most bytes a byte becomes: an escape of six. */
const MOST_A_BYTE = 6;
/** JSON.stringify's short escapes, by byte. */
const SHORT_ESCAPES = new Map(
  Object.entries({ '"': '"', "\\": "\\", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t" }).map(([byte, letter]) => [
    byte.charCodeAt(0),
    letter.charCodeAt(0),
  ]),
);
const BILLION = 1e9;
const DIGITS_OF_REST = 9;

/** JSON text as UTF-8, written from bytes as they came: no object and no string for what is only passed on. As JSON.stringify writes it. */
export class JsonBytes {
  bytes = new Uint8Array(1024);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Takes back what was written behind `length`. */
  cut(length: number): void {
    this.length = length;
  }

  #room(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.bytes.length) return;
    const wide = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
    wide.set(this.bytes.subarray(0, this.length));
    this.bytes = wide;
  }

  /** Text of the format itself: ASCII, written as it is. */
  raw(text: Uint8Array): void {
    this.#room(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text[i]!;
  }

  /** A string of JSON. */
  text(value: string): void {
    const json = JSON.stringify(value);
    this.#room(3 * json.length);
    this.length += encoder.encodeInto(json, this.bytes.subarray(this.length)).written;
  }

  /** The bytes `[start, end)` as a string of JSON; what is not UTF-8 in them becomes U+FFFD. */
  utf8(bytes: Uint8Array, start: number, end: number): void {
    const begin = this.length;
    this.#room(MOST_A_BYTE * (end - start) + 2);
    const own = this.bytes;
    let at = begin;
    let seen = 0;
    own[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      seen |= byte;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) own[at++] = byte;
      else at = this.#escape(byte, at);
    }
    own[at++] = QUOTE;
    this.length = at;
    if (seen < 0x80) return;
    const part = bytes.subarray(start, end);
    if (isUtf8(part)) return;
    this.length = begin;
    this.text(lenient.decode(part));
  }

  #escape(byte: number, at: number): number {
    const own = this.bytes;
    own[at] = BACKSLASH;
    const short = SHORT_ESCAPES.get(byte);
    if (short !== undefined) {
      own[at + 1] = short;
      return at + 2;
    }
    own[at + 1] = 0x75; // u
    own[at + 2] = ZERO;
    own[at + 3] = ZERO;
    return putHex(own, at + 4, Uint8Array.of(byte), 0, 1);
  }

  /** Bytes as a string of hexadecimal digits. */
  hex(bytes: Uint8Array, start: number, end: number): void {
    this.#room(2 * (end - start) + 2);
    this.bytes[this.length++] = QUOTE;
    this.length = putHex(this.bytes, this.length, bytes, start, end);
    this.bytes[this.length++] = QUOTE;
  }

  /** A number of 64 bits without a sign, by its halves, as a string of decimal digits. */
  unsigned(high: number, low: number): void {
    // Divided by a billion, 16 bits at a time: every step is exact in a double.
    let quotient = 0;
    let rest = 0;
    for (const digit of [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff]) {
      const now = rest * 65_536 + digit;
      const whole = Math.floor(now / BILLION);
      quotient = quotient * 65_536 + whole;
      rest = now - whole * BILLION;
    }
    this.#room(22);
    this.bytes[this.length++] = QUOTE;
    if (quotient > 0) {
      this.length = putDigits(this.bytes, this.length, quotient, digitsOf(quotient));
      this.length = putDigits(this.bytes, this.length, rest, DIGITS_OF_REST);
    } else this.length = putDigits(this.bytes, this.length, rest, digitsOf(rest));
    this.bytes[this.length++] = QUOTE;
  }
}
