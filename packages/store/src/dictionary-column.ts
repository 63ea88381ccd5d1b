import type { NativeColumn } from "./native-column.ts";

/*
 * LowCardinality(String) in a Native block, little endian:
 *   prefix  u64 1 (shared dictionaries with additional keys); of a nested column it stands before the outer data
 *   body    u64 type of the indexes (0 u8, 1 u16, 2 u32) | 1 << 9 (additional keys) | 1 << 10 (new dictionary)
 *           u64 keys, the keys as String, u64 rows, the indexes;   nothing at all for no rows
 */
const ADDITIONAL_KEYS = 1 << 9;
const NEW_DICTIONARY = 1 << 10;
const encoder = new TextEncoder();
/** Texts that have a code for good; a further one is known for its batch only. */
const MAX_CODES = 200_000;

/** A column of texts that repeat: each is written once a block. A text that comes often is asked for its code once and pushed by it. */
export class DictionaryColumn implements NativeColumn {
  readonly type = "LowCardinality(String)";
  rows = 0;
  readonly #codes = new Map<string, number>();
  readonly #encoded: Uint8Array[] = [];
  /** By code: its index in this batch + 1; 0 = not in it. */
  #local = new Int32Array(64);
  /** Codes in the batch, in order of their index; -1 for one that is in `#strangers`. */
  readonly #used: number[] = [];
  /** Texts without a code. */
  readonly #strangers = new Map<string, number>();
  readonly #keys: Uint8Array[] = [];
  #indexes = new Uint32Array(1024);

  /** The code of a text, good for as long as the column is; -1 when there are too many: push it as a text then. */
  code(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    if (this.#encoded.length >= MAX_CODES) return -1;
    const code = this.#encoded.length;
    this.#codes.set(text, code);
    this.#encoded.push(encoder.encode(text));
    if (code >= this.#local.length) {
      const wide = new Int32Array(2 * this.#local.length);
      wide.set(this.#local);
      this.#local = wide;
    }
    return code;
  }

  push(code: number): void {
    let local = this.#local[code]! - 1;
    if (local < 0) {
      local = this.#keys.length;
      this.#local[code] = local + 1;
      this.#used.push(code);
      this.#keys.push(this.#encoded[code]!);
    }
    this.#index(local);
  }

  text(text: string): void {
    const code = this.code(text);
    if (code >= 0) {
      this.push(code);
      return;
    }
    let local = this.#strangers.get(text);
    if (local === undefined) {
      local = this.#keys.length;
      this.#strangers.set(text, local);
      this.#keys.push(encoder.encode(text));
    }
    this.#index(local);
  }

  #index(local: number): void {
    if (this.rows === this.#indexes.length) {
      const wide = new Uint32Array(2 * this.rows);
      wide.set(this.#indexes);
      this.#indexes = wide;
    }
    this.#indexes[this.rows++] = local;
  }

  prefix(): Uint8Array {
    return u64(1);
  }

  body(): Uint8Array[] {
    if (this.rows === 0) return [];
    const [type, indexes] = this.#narrow();
    const keys: Uint8Array[] = [];
    for (const key of this.#keys) keys.push(varint(key.length), key);
    return [u64(type | ADDITIONAL_KEYS | NEW_DICTIONARY), u64(this.#keys.length), Buffer.concat(keys), u64(this.rows), indexes];
  }

  #narrow(): [type: number, indexes: Uint8Array] {
    const indexes = this.#indexes.subarray(0, this.rows);
    if (this.#keys.length <= 1 << 8) return [0, new Uint8Array(indexes)];
    if (this.#keys.length <= 1 << 16) return [1, new Uint8Array(new Uint16Array(indexes).buffer)];
    return [2, new Uint8Array(indexes.buffer, indexes.byteOffset, indexes.byteLength)];
  }

  pieces(): Uint8Array[] {
    return [this.prefix(), ...this.body()];
  }

  clear(): void {
    for (const code of this.#used) this.#local[code] = 0;
    this.#used.length = 0;
    this.#strangers.clear();
    this.#keys.length = 0;
    this.rows = 0;
  }
}

function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
  out.push(rest);
  return Uint8Array.from(out);
}
