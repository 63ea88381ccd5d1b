import { Wire } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";

/** The walker of the wire format, with errors that name this protocol. */
export class RemoteWriteWire extends Wire {
  override fail(what: string, at = this.pos): never {
    throw new YunweiError("YUNWEI_BODY_INVALID", `not a valid remote-write message: ${what} at byte ${at} of ${this.bytes.length}`);
  }

  /** The sint64 varint at hand; exact up to 2^53. */
  zigzag64(end: number): number {
    this.varint(end);
    const half = this.high * 2147483648 + (this.low >>> 1);
    return (this.low & 1) === 0 ? half : -half - 1;
  }

  /** The sint32 field at hand. */
  zigzag32(end: number): number {
    const value = this.number(end);
    return (value >>> 1) ^ -(value & 1);
  }
}
