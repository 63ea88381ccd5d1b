const TWO_32 = 4_294_967_296;
const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;

const encoder = new TextEncoder();

/** Bytes of a varint of `value` (an integer, 0 <= value < 2^53). */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Bytes of a length-delimited field whose number is below 16 and whose content has `length` bytes. */
export function bytesFieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/**
 * Writes Unix milliseconds as 64-bit nanoseconds, little-endian, without BigInt. A double near the year 2026 resolves
 * about 0.25 microseconds, which is what the result is good for.
 */
export function setUnixNano(view: DataView, offset: number, unixMs: number): void {
  const whole = Math.floor(unixMs);
  // whole * 1e6 does not fit a double: multiply the parts above and below 2^16 on their own and carry.
  const high = Math.floor(whole / 65_536) * 1_000_000;
  const low = (high % 65_536) * 65_536 + (whole % 65_536) * 1_000_000 + Math.floor((unixMs - whole) * 1_000_000);
  view.setUint32(offset, low % TWO_32, true);
  view.setUint32(offset + 4, Math.floor(high / 65_536) + Math.floor(low / TWO_32), true);
}

/** Writes an integer (0 <= value < 2^53) as 64 bits, little-endian. */
export function setUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % TWO_32, true);
  view.setUint32(offset + 4, Math.floor(value / TWO_32), true);
}

/** A growing protobuf output. Canonical encoding only; field numbers below 16 (one tag byte), as OTLP's hot fields have. */
export class WireBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;

  constructor(capacityBytes = 1024) {
    this.bytes = new Uint8Array(capacityBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** A copy of what was written so far. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  varint(value: number): void {
    this.ensure(8);
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  tag(field: number, wireType: number): void {
    this.ensure(1);
    this.bytes[this.length++] = (field << 3) | wireType;
  }

  varintField(field: number, value: number): void {
    this.tag(field, WIRE_VARINT);
    this.varint(value);
  }

  unixNanoField(field: number, unixMs: number): void {
    this.ensure(9);
    this.bytes[this.length] = (field << 3) | WIRE_FIXED64;
    setUnixNano(this.view, this.length + 1, unixMs);
    this.length += 9;
  }

  doubleField(field: number, value: number): void {
    this.ensure(9);
    this.bytes[this.length] = (field << 3) | WIRE_FIXED64;
    this.view.setFloat64(this.length + 1, value, true);
    this.length += 9;
  }

  /** Tag and length of a length-delimited field; its content is written next by the caller. */
  bytesHeader(field: number, contentBytes: number): void {
    this.tag(field, WIRE_BYTES);
    this.varint(contentBytes);
  }

  bytesField(field: number, content: Uint8Array): void {
    this.bytesHeader(field, content.length);
    this.raw(content, 0, content.length);
  }

  stringField(field: number, text: string): void {
    this.bytesField(field, encoder.encode(text));
  }

  /** An identifier of whole 32-bit words, most significant first: span ids have two, trace ids four. */
  idField(field: number, words: Uint32Array, from: number, count: number): void {
    this.ensure(2 + count * 4);
    this.bytes[this.length++] = (field << 3) | WIRE_BYTES;
    this.bytes[this.length++] = count * 4;
    for (let i = 0; i < count; i++) {
      this.view.setUint32(this.length, words[from + i]!, false);
      this.length += 4;
    }
  }

  raw(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    this.ensure(count);
    // A loop beats set(subarray()) for the short templates that spans are made of.
    if (count <= 64) for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[from + i]!;
    else this.bytes.set(source.subarray(from, to), this.length);
    this.length += count;
  }

  private ensure(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
