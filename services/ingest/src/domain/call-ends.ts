/*
 * An entry is a cache line of 16 lanes:
 *   0..5 trace id (4) and id of the calling span (2)   6 flags   7 caller's place   8 peer + 1, 0 = none
 *   9 minute of the caller   10..11 duration of the caller, microseconds, as a double
 *   12 callee's place   13 first further callee + 1   14 minute of the callee   15 not used
 */
const LANES = 16;
const KEY_LANES = 6;
export const LANE = { flags: 6, caller: 7, peer: 8, minute: 9, duration: 10, callee: 12, further: 13, calleeMinute: 14 } as const;
export const FLAG = { caller: 2, joined: 4, failed: 8, callee: 16, calleeFailed: 32, consumer: 64, counted: 128 } as const;

const FIRST_SLOTS = 1 << 13;
/** 32 MiB. */
const MAX_SLOTS = 1 << 19;
const FULL = 0.6;
/** Ids that collide are not searched for longer: whoever chose them gets no place. */
const MAX_PROBES = 64;
/** Three numbers each. */
const MAX_FURTHER = 1 << 16;

/** The id of a calling span: its trace and itself, most significant lanes first. */
export type CallKey = Uint32Array;

/** Ends of calls by the id of the calling span: one entry a call. Open addressing, no object a span, bounded in size and time. */
export class CallEnds {
  lanes = new Uint32Array(LANES * FIRST_SLOTS);
  /** A byte of the key's hash by slot, 0 = empty: small enough for the cache, where most look-ups end. */
  #tags = new Uint8Array(FIRST_SLOTS);
  /** The same memory, for durations. */
  doubles = new Float64Array(this.lanes.buffer);
  entries = 0;
  startedMs = Number.NaN;
  /** Callees of one caller beyond the first, as chains: place, failed, next + 1. */
  readonly further: number[] = [];
  readonly #seed: number;
  #slots = FIRST_SLOTS;

  /** @param seed - of the hashes that `find` and `place` are given */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get isFull(): boolean {
    return this.entries >= FULL * MAX_SLOTS;
  }

  get hasRoomForFurther(): boolean {
    return this.further.length < 3 * MAX_FURTHER;
  }

  /** First lane of the entry of `key`, or -1. */
  find(key: CallKey, hash: number): number {
    const at = this.#slotOf(key, hash);
    return at >= 0 && this.#tags[at / LANES] !== 0 ? at : -1;
  }

  /** First lane of the entry of `key`, made when it is new; -1 when it can have no place. Ask for `isFull` before. */
  place(key: CallKey, hash: number): number {
    if (this.entries >= FULL * this.#slots && this.#slots < MAX_SLOTS) this.#grow();
    const at = this.#slotOf(key, hash);
    if (at < 0 || this.#tags[at / LANES] !== 0) return at;
    this.#tags[at / LANES] = tagOf(hash);
    const { lanes } = this;
    for (let lane = 0; lane < KEY_LANES; lane++) lanes[at + lane] = key[lane]!;
    lanes[at + LANE.flags] = 0;
    lanes[at + LANE.peer] = 0;
    lanes[at + LANE.further] = 0;
    this.entries++;
    return at;
  }

  clear(): void {
    if (this.entries > 0) this.#tags.fill(0);
    this.entries = 0;
    this.further.length = 0;
    this.startedMs = Number.NaN;
  }

  #slotOf(key: CallKey, hash: number): number {
    const { lanes } = this;
    const a = key[0]!;
    const b = key[1]!;
    const c = key[2]!;
    const d = key[3]!;
    const e = key[4]!;
    const f = key[5]!;
    const mask = this.#slots - 1;
    const tag = tagOf(hash);
    let slot = hash & mask;
    for (let probes = 0; probes < MAX_PROBES; slot = (slot + 1) & mask, probes++) {
      const found = this.#tags[slot]!;
      const at = LANES * slot;
      if (found === 0) return at;
      if (found !== tag) continue;
      if (lanes[at + 5] === f && lanes[at + 4] === e && lanes[at + 3] === d && lanes[at + 2] === c && lanes[at + 1] === b && lanes[at] === a) return at;
    }
    return -1;
  }

  /** First lanes of the entries, in no order. */
  *all(): Iterable<number> {
    for (let slot = 0; slot < this.#slots; slot++) if (this.#tags[slot] !== 0) yield LANES * slot;
  }

  #grow(): void {
    const old = this.lanes;
    const entries = [...this.all()];
    this.#slots *= 4;
    this.lanes = new Uint32Array(LANES * this.#slots);
    this.doubles = new Float64Array(this.lanes.buffer);
    this.#tags = new Uint8Array(this.#slots);
    this.entries = 0;
    for (const from of entries) {
      const entry = old.subarray(from, from + LANES);
      const hash = hashOfCall(entry, this.#seed);
      const at = this.#slotOf(entry, hash);
      if (at < 0) continue; // 64 neighbours in a table that is nearly empty: no chance, but no loop either
      this.lanes.set(entry, at);
      this.#tags[at / LANES] = tagOf(hash);
      this.entries++;
    }
  }
}

function tagOf(hash: number): number {
  return (hash >>> 24) | 1;
}

/** MurmurHash3 over the lanes of the key (its body and its end). @param seed - that senders do not know: nobody can choose ids that collide */
export function hashOfCall(key: CallKey, seed: number): number {
  let hash = step(step(step(step(step(step(seed, key[0]!), key[1]!), key[2]!), key[3]!), key[4]!), key[5]!);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function step(hash: number, lane: number): number {
  const scrambled = Math.imul(lane, 0xcc9e2d51);
  const mixedIn = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return Math.imul((mixedIn << 13) | (mixedIn >>> 19), 5) + 0xe6546b64;
}
