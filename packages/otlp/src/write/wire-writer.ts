import { YunweiError } from "@yunwei/schemas";

/*
 * Protocol Buffers wire format (protobuf.dev/programming-guides/encoding), written front to back. The length of a message
 * that is still open is not known, so 4 bytes are kept for it: a varint may be longer than it need be.
 */

const OPEN_LENGTH_BYTES = 4;
const encoder = new TextEncoder();

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Writes protobuf messages into one growing buffer. Field numbers are at most 15 (a tag is one byte); integers at most 2^53. */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #maxBytes: number;

  /** @param maxBytes - past it a write throws YunweiError YUNWEI_OTLP_TOO_LARGE; at most 2^28 */
  constructor(firstBytes: number, maxBytes: number) {
    this.#bytes = new Uint8Array(firstBytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.#maxBytes = maxBytes;
  }

  /** What was written; a view, valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins a message; give the result to `close` at its end. */
  open(field: number): number {
    this.#room(1 + OPEN_LENGTH_BYTES);
    this.#bytes[this.#length++] = (field << 3) | 2;
    this.#length += OPEN_LENGTH_BYTES;
    return this.#length;
  }

  close(start: number): void {
    const length = this.#length - start;
    const at = start - OPEN_LENGTH_BYTES;
    this.#bytes[at] = (length & 127) | 128;
    this.#bytes[at + 1] = ((length >>> 7) & 127) | 128;
    this.#bytes[at + 2] = ((length >>> 14) & 127) | 128;
    this.#bytes[at + 3] = length >>> 21;
  }

  /** A varint field. */
  number(field: number, value: number): void {
    this.#room(11);
    this.#bytes[this.#length++] = field << 3;
    this.#varint(value);
  }

  /** A sint32 field. */
  signed32(field: number, value: number): void {
    this.number(field, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** A fixed64 field of a whole number. */
  fixed64(field: number, value: number): void {
    this.fixed64Halves(field, Math.floor(value / 4294967296), value % 4294967296);
  }

  /** A fixed64 field of nanoseconds; `timeMs` is whole and not negative. */
  nanos(field: number, timeMs: number): void {
    // (upper * 2^16 + lower) * 10^6 in halves of 32 bits, each step exact in a double.
    const upper = Math.floor(timeMs / 65536) * 1e6;
    const low = (upper % 65536) * 65536 + (timeMs % 65536) * 1e6;
    this.fixed64Halves(field, Math.floor(upper / 65536) + Math.floor(low / 4294967296), low % 4294967296);
  }

  fixed64Halves(field: number, high: number, low: number): void {
    this.#room(9);
    this.#bytes[this.#length] = (field << 3) | 1;
    this.#view.setUint32(this.#length + 1, low, true);
    this.#view.setUint32(this.#length + 5, high, true);
    this.#length += 9;
  }

  double(field: number, value: number): void {
    this.#room(9);
    this.#bytes[this.#length] = (field << 3) | 1;
    this.#view.setFloat64(this.#length + 1, value, true);
    this.#length += 9;
  }

  /** A field of wire type 2 with the bytes `[start, end)`. */
  bytes(field: number, source: Uint8Array, start = 0, end = source.length): void {
    const length = end - start;
    this.#room(6 + length);
    this.#bytes[this.#length++] = (field << 3) | 2;
    this.#varint(length);
    this.#copy(source, start, end);
  }

  /** A string field; a lone surrogate becomes U+FFFD. */
  text(field: number, value: string): void {
    // A UTF-16 unit takes at most three bytes.
    this.#room(6 + 3 * value.length);
    const start = this.open(field);
    this.#length += encoder.encodeInto(value, this.#bytes.subarray(start)).written;
    this.close(start);
  }

  /** A varint field of int64; `value` is a safe integer, and takes ten bytes when it is negative. */
  signed64(field: number, value: number): void {
    if (value >= 0) {
      this.number(field, value);
      return;
    }
    this.#room(11);
    this.#bytes[this.#length++] = field << 3;
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 127n) | 128;
    this.#bytes[this.#length++] = Number(rest);
  }

  /** An OTLP KeyValue { 1 key, 2 value AnyValue { 1 string } }. */
  keyValue(field: number, key: Uint8Array, keyStart: number, keyEnd: number, value: Uint8Array, valueStart: number, valueEnd: number): void {
    const keyBytes = keyEnd - keyStart;
    const valueBytes = valueEnd - valueStart;
    const anyBytes = 1 + varintBytes(valueBytes) + valueBytes;
    const pairBytes = 1 + varintBytes(keyBytes) + keyBytes + 1 + varintBytes(anyBytes) + anyBytes;
    this.#room(6 + pairBytes);
    this.#bytes[this.#length++] = (field << 3) | 2;
    this.#varint(pairBytes);
    this.bytes(1, key, keyStart, keyEnd);
    this.#bytes[this.#length++] = (2 << 3) | 2;
    this.#varint(anyBytes);
    this.bytes(1, value, valueStart, valueEnd);
  }

  /** A packed field of varints, `values[from..to)`. */
  packedVarints(field: number, values: Float64Array, from: number, to: number): void {
    const start = this.open(field);
    this.#room(10 * (to - from));
    for (let i = from; i < to; i++) this.#varint(values[i]!);
    this.close(start);
  }

  /** A packed field of fixed64 whole numbers. */
  packedFixed64(field: number, values: Float64Array, from: number, to: number): void {
    const start = this.open(field);
    this.#room(8 * (to - from));
    for (let i = from; i < to; i++) {
      this.#view.setUint32(this.#length, values[i]! % 4294967296, true);
      this.#view.setUint32(this.#length + 4, Math.floor(values[i]! / 4294967296), true);
      this.#length += 8;
    }
    this.close(start);
  }

  packedDoubles(field: number, values: Float64Array, from: number, to: number): void {
    const start = this.open(field);
    this.#room(8 * (to - from));
    for (let i = from; i < to; i++, this.#length += 8) this.#view.setFloat64(this.#length, values[i]!, true);
    this.close(start);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #copy(source: Uint8Array, start: number, end: number): void {
    if (end - start > 64) this.#bytes.set(source.subarray(start, end), this.#length);
    else for (let i = start, at = this.#length; i < end; i++, at++) this.#bytes[at] = source[i]!;
    this.#length += end - start;
  }

  #room(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    if (wanted > this.#maxBytes) throw new YunweiError("YUNWEI_OTLP_TOO_LARGE", `the request is over ${this.#maxBytes} bytes as OTLP: send smaller batches`);
    const wide = new Uint8Array(Math.min(this.#maxBytes, Math.max(wanted, 2 * this.#bytes.length)));
    wide.set(this.written);
    this.#bytes = wide;
    this.#view = new DataView(wide.buffer);
  }
}
