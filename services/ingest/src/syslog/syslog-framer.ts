/*
 * RFC 6587 §3.4, RFC 5425 §4.3
 *   octet counting         MSG-LEN SP SYSLOG-MSG      MSG-LEN = NONZERO-DIGIT *DIGIT
 *   non-transparent        SYSLOG-MSG LF
 */
const LF = 0x0a;
const SP = 0x20;
const LESS = 0x3c;
const ZERO = 0x30;
const NINE = 0x39;

/** A message is cut off behind so many bytes. */
export const MAX_LINE_BYTES = 64 * 1024;
/** A count of more digits is no count: 9,999,999 bytes are far beyond any message. */
const MAX_COUNT_DIGITS = 7;
const FIRST_BYTES = 1024;

/** What a message is given to; its bytes are valid during the call only. */
export type TakeLine = (line: Uint8Array, isCut: boolean) => void;

/** Thrown when a connection that counts octets stops doing so: where its next message begins is not known. */
export class FramingError extends Error {}

/**
 * Cuts a connection's stream into messages. Its first bytes tell the framing, for as long as it lasts: a number, a blank and
 * "<" are a count, all else are lines. Holds at most one message, of at most 64 KiB; takes time in proportion to the stream.
 */
export class SyslogFramer {
  readonly #take: TakeLine;
  #mode: "unknown" | "count" | "body" | "lines" = "unknown";
  /** What is held of the message in hand, or of the bytes that are to tell the framing. */
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  #isCut = false;
  #count = 0;
  #digits = 0;
  #missing = 0;

  constructor(take: TakeLine) {
    this.#take = take;
  }

  /** @throws FramingError after which nothing more may be pushed */
  push(chunk: Uint8Array): void {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#mode === "unknown") {
      bytes = Buffer.concat([this.#held.subarray(0, this.#length), bytes]);
      this.#length = 0;
      this.#mode = framingOf(bytes);
      if (this.#mode === "unknown") {
        this.#hold(bytes, 0, bytes.length);
        return;
      }
    }
    if (this.#mode === "lines") this.#lines(bytes);
    else for (let at = 0; at < bytes.length; ) at = this.#mode === "count" ? this.#readCount(bytes, at) : this.#readBody(bytes, at);
  }

  /** At the end of the connection: what is held is a message, cut short or without its line's end. */
  end(): void {
    if (this.#length > 0 && this.#mode !== "count") this.#emitHeld(this.#isCut || this.#mode === "body");
  }

  #lines(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(LF, at);
      if (end < 0) {
        this.#hold(bytes, at, bytes.length);
        return;
      }
      this.#finish(bytes, at, end);
      at = end + 1;
    }
  }

  #readCount(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= NINE && this.#digits < MAX_COUNT_DIGITS) {
        this.#count = 10 * this.#count + byte - ZERO;
        this.#digits++;
      } else if (byte === SP && this.#count > 0) {
        this.#missing = this.#count;
        this.#mode = "body";
        return at + 1;
      } else if (byte !== LF || this.#digits > 0) {
        // Some senders put a line's end behind each counted message.
        throw new FramingError(`byte ${byte} stands where the length of the next message should be`);
      }
    }
    return bytes.length;
  }

  #readBody(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#missing);
    this.#missing -= end - from;
    if (this.#missing > 0) this.#hold(bytes, from, end);
    else {
      this.#count = 0;
      this.#digits = 0;
      this.#mode = "count";
      this.#finish(bytes, from, end);
    }
    return end;
  }

  /** The message in hand ends at `end`; one that lies whole in `bytes` is not copied. */
  #finish(bytes: Buffer, from: number, end: number): void {
    if (this.#length === 0 && end - from <= MAX_LINE_BYTES) {
      if (end > from) this.#take(bytes.subarray(from, end), false);
      return;
    }
    this.#hold(bytes, from, end);
    this.#emitHeld(this.#isCut);
  }

  #emitHeld(isCut: boolean): void {
    const line = this.#held.subarray(0, this.#length);
    this.#length = 0;
    this.#isCut = false;
    this.#take(line, isCut);
  }

  #hold(bytes: Buffer, from: number, end: number): void {
    const many = Math.min(end - from, MAX_LINE_BYTES - this.#length);
    if (many < end - from) this.#isCut = true;
    if (this.#length + many > this.#held.length) {
      const wide = Buffer.allocUnsafe(Math.min(MAX_LINE_BYTES, Math.max(FIRST_BYTES, 2 * this.#held.length, this.#length + many)));
      this.#held.copy(wide, 0, 0, this.#length);
      this.#held = wide;
    }
    bytes.copy(this.#held, this.#length, from, from + many);
    this.#length += many;
  }
}

/** The framing that the first bytes of a connection tell; "unknown" while they could still be a count. */
function framingOf(bytes: Buffer): "unknown" | "count" | "lines" {
  let at = 0;
  while (at < bytes.length && at < MAX_COUNT_DIGITS && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  if (at === bytes.length) return bytes[0] === ZERO ? "lines" : "unknown";
  if (at === 0 || bytes[0] === ZERO || bytes[at] !== SP) return "lines";
  if (at + 1 === bytes.length) return "unknown";
  return bytes[at + 1] === LESS ? "count" : "lines";
}
