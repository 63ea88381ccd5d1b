import { YunweiError } from "@yunwei/schemas";

/*
 * Protocol Buffers wire format (protobuf.dev/programming-guides/encoding):
 *   tag    = varint (field << 3 | type); types: 0 varint, 1 fixed64, 2 length + bytes, 5 fixed32; 3 and 4 (groups) are refused
 *   varint = 7 bits a byte, least significant first, at most 10 bytes
 */

/** Walks one buffer. Every read checks its bounds; a bad byte throws YUNWEI_OTLP_INVALID with its offset. */
export class Wire {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  pos = 0;
  /** Where the tag read last begins. */
  tagAt = 0;
  /** Field number and wire type of the tag read last. */
  field = 0;
  type = 0;
  /** Halves of the 64-bit value read last. */
  high = 0;
  low = 0;

  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
  }

  fail(what: string, at = this.pos): never {
    throw new YunweiError("YUNWEI_OTLP_INVALID", `not a valid OTLP protobuf message: ${what} at byte ${at} of ${this.bytes.length}`);
  }

  /** A varint of any width; the result is its low 32 bits, unsigned. The halves are in `high` and `low`. */
  varint(end: number): number {
    const bytes = this.bytes;
    let pos = this.pos;
    if (pos >= end) this.fail("a number is cut off");
    let byte = bytes[pos++]!;
    if (byte < 0x80) {
      this.pos = pos;
      this.high = 0;
      this.low = byte;
      return byte;
    }
    let low = byte & 0x7f;
    let high = 0;
    for (let shift = 7; ; shift += 7) {
      if (pos >= end) this.fail("a number is cut off");
      if (shift > 63) this.fail("a number of more than 10 bytes");
      byte = bytes[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) break;
    }
    this.pos = pos;
    this.high = high >>> 0;
    this.low = low >>> 0;
    return this.low;
  }

  /** Reads the next tag into `field` and `type`; false at `end`. */
  next(end: number): boolean {
    const at = this.pos;
    if (at >= end) return false;
    this.tagAt = at;
    const byte = this.bytes[at]!;
    if (byte < 0x80 && byte > 7) {
      this.pos = at + 1;
      this.field = byte >>> 3;
      this.type = byte & 7;
      return true;
    }
    const tag = this.varint(end);
    this.field = tag >>> 3;
    this.type = tag & 7;
    if (this.field === 0 || this.high !== 0) this.fail("a field number out of range");
    return true;
  }

  /** Length of a length-delimited field, checked; `pos` is at its first byte, the result is its end. */
  sliceEnd(end: number): number {
    if (this.type !== 2) this.fail(`field ${this.field} has wire type ${this.type}, 2 is wanted`);
    const { pos } = this;
    if (pos < end) {
      const byte = this.bytes[pos]!;
      if (byte < 0x80 && byte < end - pos) {
        this.pos = pos + 1;
        return pos + 1 + byte;
      }
    }
    const length = this.varint(end);
    if (this.high !== 0 || length > end - this.pos) this.fail(`field ${this.field} is longer than what is left`);
    return this.pos + length;
  }

  /** Eight bytes, little endian, into `high` and `low`. */
  fixed64(end: number): void {
    if (this.type !== 1) this.fail(`field ${this.field} has wire type ${this.type}, 1 is wanted`);
    if (end - this.pos < 8) this.fail("8 bytes are cut off");
    this.low = this.view.getUint32(this.pos, true);
    this.high = this.view.getUint32(this.pos + 4, true);
    this.pos += 8;
  }

  double(end: number): number {
    if (this.type !== 1) this.fail(`field ${this.field} has wire type ${this.type}, 1 is wanted`);
    if (end - this.pos < 8) this.fail("8 bytes are cut off");
    const value = this.view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  fixed32(end: number): number {
    if (this.type !== 5) this.fail(`field ${this.field} has wire type ${this.type}, 5 is wanted`);
    if (end - this.pos < 4) this.fail("4 bytes are cut off");
    const value = this.view.getUint32(this.pos, true);
    this.pos += 4;
    return value;
  }

  /** A varint field, checked for its wire type. */
  number(end: number): number {
    if (this.type !== 0) this.fail(`field ${this.field} has wire type ${this.type}, 0 is wanted`);
    return this.varint(end);
  }

  skip(end: number): void {
    switch (this.type) {
      case 0:
        this.varint(end);
        return;
      case 1:
        if (end - this.pos < 8) this.fail("8 bytes are cut off");
        this.pos += 8;
        return;
      case 2:
        this.pos = this.sliceEnd(end);
        return;
      case 5:
        if (end - this.pos < 4) this.fail("4 bytes are cut off");
        this.pos += 4;
        return;
      default:
        this.fail(`wire type ${this.type} of field ${this.field} is not known`);
    }
  }

  /** The 64 bits read last as an unsigned number; exact up to 2^53. */
  unsigned(): number {
    return this.high * 4294967296 + this.low;
  }

  /** The 64 bits read last as a two's complement number; exact up to 2^53. */
  signed(): number {
    return (this.high | 0) * 4294967296 + this.low;
  }

  /** The 64 bits read last as nanoseconds -> milliseconds; keeps the microseconds. */
  nanosAsMs(): number {
    return this.high * 4294.967296 + this.low / 1e6;
  }

  bigUnsigned(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }
}
