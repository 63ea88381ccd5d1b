import { randomInt } from "node:crypto";
import { wider } from "./grow.ts";

const NONE = -1;
/** A key that meets more strangers than this on its way is not taken: nobody may make the search long by choosing keys. */
const MAX_PROBES = 128;

/**
 * Byte strings, each in a numbered context, -> dense entries 0, 1, 2 ... Nothing is taken for equal by its hash alone: the
 * bytes are kept and compared. Remembers which entry came after which: an exporter repeats itself in the same order, so what
 * came after the entry found last is compared before anything is hashed (notes/perf.md §1).
 *
 * A key may be in two pieces (`[start, end)` and `[start2, end2)`), so that what identifies a thing need not be copied
 * together; where the first piece ends is part of the key.
 */
export class RawTable {
  /** Entries there are. */
  size = 0;
  /** Whether a key was refused because there was no room. */
  isFull = false;
  readonly #seed = randomInt(2 ** 31);
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #slots = new Int32Array(64).fill(NONE);
  #arena: Uint8Array = new Uint8Array(1024);
  #view = new DataView(this.#arena.buffer);
  #used = 0;
  #from = new Uint32Array(32);
  #length = new Int32Array(32);
  /** Bytes of the first piece. */
  #split = new Int32Array(32);
  #context = new Int32Array(32);
  #hash = new Int32Array(32);
  #last = NONE;
  /** What came after an entry the last time; at first, the one that was added after it. */
  #next = new Int32Array(32);

  /** @param maxEntries, maxBytes - beyond either, `add` says no */
  constructor(maxEntries: number, maxBytes = 1 << 30) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /**
   * The guess alone: how long the first piece of the entry that came after the last one is, when it has this context, its first piece
   * is what stands at `start` (and ends by `end`) and its second is `[start2, end2)`; else -1. With it a reader knows where
   * its fields end without walking them. Makes that entry the last one.
   */
  follows(view: DataView, context: number, start: number, end: number, start2 = 0, end2 = 0): number {
    const guess = this.#guess();
    if (guess >= this.size || this.#context[guess] !== context) return NONE;
    const first = this.#split[guess]!;
    const second = end2 - start2;
    if (first > end - start || this.#length[guess]! !== first + second) return NONE;
    const from = this.#from[guess]!;
    if (!this.#equal(view, start, from, first) || (second > 0 && !this.#equal(view, start2, from + first, second))) return NONE;
    this.#last = guess;
    return first;
  }

  /** `follows` where the one piece is known to be `[start, end)`. */
  followsExactly(view: DataView, context: number, start: number, end: number): boolean {
    const guess = this.#guess();
    const length = end - start;
    if (guess >= this.size || this.#context[guess] !== context || this.#length[guess] !== length || this.#split[guess] !== length) return false;
    if (!this.#equal(view, start, this.#from[guess]!, length)) return false;
    this.#last = guess;
    return true;
  }

  /** The entry found last. */
  get last(): number {
    return this.#last;
  }

  /** The entry of the key, or -1. */
  find(view: DataView, context: number, start: number, end: number, start2 = 0, end2 = 0): number {
    const guess = this.#guess();
    if (guess < this.size && this.#is(guess, view, context, start, end, start2, end2)) {
      this.#last = guess;
      return guess;
    }
    const hash = this.#hashOf(view, context, start, end, start2, end2);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask, probes = 0; probes < MAX_PROBES; slot = (slot + 1) & mask, probes++) {
      const entry = this.#slots[slot]!;
      if (entry === NONE) return NONE;
      if (this.#hash[entry] === hash && this.#is(entry, view, context, start, end, start2, end2)) {
        if (this.#last >= 0) this.#next[this.#last] = entry;
        this.#last = entry;
        return entry;
      }
    }
    return NONE;
  }

  /** Makes an entry of a key that is not there; -1 when the table is full or the key is refused. */
  add(view: DataView, context: number, start: number, end: number, start2 = 0, end2 = 0): number {
    const length = end - start + (end2 - start2);
    if (this.size >= this.#maxEntries || this.#used + length > this.#maxBytes) {
      this.isFull = true;
      return NONE;
    }
    if (2 * (this.size + 1) > this.#slots.length) this.#growSlots();
    const hash = this.#hashOf(view, context, start, end, start2, end2);
    const slot = this.#freeSlot(hash);
    if (slot === NONE) return NONE;
    if (this.size === this.#from.length) this.#growEntries();
    this.#room(length);
    const entry = this.size++;
    this.#from[entry] = this.#used;
    this.#length[entry] = length;
    this.#split[entry] = end - start;
    this.#context[entry] = context;
    this.#hash[entry] = hash;
    this.#next[entry] = entry + 1;
    this.#slots[slot] = entry;
    this.#copy(view, start, end);
    this.#copy(view, start2, end2);
    this.#last = entry;
    return entry;
  }

  #guess(): number {
    return this.#last < 0 ? 0 : this.#next[this.#last]!;
  }

  #copy(view: DataView, start: number, end: number): void {
    this.#arena.set(new Uint8Array(view.buffer, view.byteOffset + start, end - start), this.#used);
    this.#used += end - start;
  }

  #is(entry: number, view: DataView, context: number, start: number, end: number, start2: number, end2: number): boolean {
    if (this.#context[entry] !== context) return false;
    const first = end - start;
    if (this.#split[entry] !== first || this.#length[entry] !== first + end2 - start2) return false;
    const from = this.#from[entry]!;
    return this.#equal(view, start, from, first) && (end2 === start2 || this.#equal(view, start2, from + first, end2 - start2));
  }

  #equal(view: DataView, at: number, from: number, length: number): boolean {
    const own = this.#view;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (view.getInt32(at + i, true) !== own.getInt32(from + i, true)) return false;
    for (; i < length; i++) if (view.getUint8(at + i) !== own.getUint8(from + i)) return false;
    return true;
  }

  /** MurmurHash3 x86_32 (Appleby, public domain algorithm) under a seed of this table. */
  #hashOf(view: DataView, context: number, start: number, end: number, start2: number, end2: number): number {
    let h = murmur(Math.imul(context, 0x9e3779b1) ^ this.#seed, view, start, end);
    if (end2 > start2) h = murmur(h, view, start2, end2);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask, probes = 0; probes < MAX_PROBES; slot = (slot + 1) & mask, probes++) if (this.#slots[slot] === NONE) return slot;
    return NONE;
  }

  /** Doubles the slots; one that does not fit within the probes (a run of equal hashes) is found no more and added anew. */
  #growSlots(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(NONE);
    for (let entry = 0; entry < this.size; entry++) {
      const slot = this.#freeSlot(this.#hash[entry]!);
      if (slot !== NONE) this.#slots[slot] = entry;
    }
  }

  #growEntries(): void {
    this.#from = wider(this.#from);
    this.#length = wider(this.#length);
    this.#split = wider(this.#split);
    this.#context = wider(this.#context);
    this.#hash = wider(this.#hash);
    this.#next = wider(this.#next);
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#arena.length) return;
    let size = 2 * this.#arena.length;
    while (size < this.#used + bytes) size *= 2;
    const wide = new Uint8Array(size);
    wide.set(this.#arena.subarray(0, this.#used));
    this.#arena = wide;
    this.#view = new DataView(wide.buffer);
  }
}

function murmur(seed: number, view: DataView, start: number, end: number): number {
  let h = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) h = round(h, view.getInt32(at, true));
  let tail = end - start;
  for (; at < end; at++) tail = (tail << 8) | view.getUint8(at);
  return round(h, tail);
}

function round(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = h ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
