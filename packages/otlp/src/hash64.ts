/**
 * A 64-bit hash as two 32-bit lanes: MurmurHash3 x86_32 (Appleby, public domain algorithm) run with two seeds, one pass.
 * Not cryptographic: ids only. The result is in `high` and `low`; calls chain by passing the lanes back as seeds.
 */
export class Hash64 {
  high = 0;
  low = 0;

  /** Starts anew. */
  reset(): void {
    this.high = 0x9747b28c | 0;
    this.low = 0x2f0b4c47;
  }

  /** Takes the bytes `[start, end)` in, with their length, so that ("ab","c") differs from ("a","bc"). */
  add(bytes: Uint8Array, start: number, end: number): void {
    let a = this.high;
    let b = this.low;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const raw = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      let k = Math.imul(raw, 0xcc9e2d51);
      k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
      a ^= k;
      a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
      let m = Math.imul(raw, 0x85ebca6b);
      m = Math.imul((m << 16) | (m >>> 16), 0xc2b2ae35);
      b ^= m;
      b = (Math.imul((b << 17) | (b >>> 15), 5) + 0x38495ab5) | 0;
    }
    let tail = 0;
    for (let shift = 0; at < end; at++, shift += 8) tail |= bytes[at]! << shift;
    a ^= Math.imul(tail, 0xcc9e2d51) ^ (end - start);
    b ^= Math.imul(tail, 0x9e3779b1) ^ Math.imul(end - start, 0x85ebca77);
    this.high = mix(a);
    this.low = mix(b);
  }

  /** Takes another hash (or any 64 bits) in. */
  addLanes(high: number, low: number): void {
    this.high = mix(Math.imul(this.high ^ high, 0x85ebca6b) + 0x165667b1);
    this.low = mix(Math.imul(this.low ^ low, 0xc2b2ae3d) + 0x27d4eb2f);
  }

  hex(): string {
    return hexOfLanes(this.high, this.low);
  }
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 16 lower-case hexadecimal digits of a 64-bit value given as two lanes. */
export function hexOfLanes(high: number, low: number): string {
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

const encoder = new TextEncoder();
const scratch = new Hash64();
let encoded = new Uint8Array(4096);

/** Hash of a list of strings as 16 hex digits; the same in every process. */
export function hashStrings(...parts: readonly string[]): string {
  scratch.reset();
  for (const part of parts) {
    if (3 * part.length > encoded.length) encoded = new Uint8Array(6 * part.length);
    const { written } = encoder.encodeInto(part, encoded);
    scratch.add(encoded, 0, written);
  }
  return scratch.hex();
}
