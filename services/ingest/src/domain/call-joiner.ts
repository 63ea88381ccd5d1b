import { CallEnds, type CallKey, FLAG, hashOfCall, LANE } from "./call-ends.ts";
import type { CallNames } from "./call-names.ts";
import { CallSums } from "./call-sums.ts";

/** A client or producer span. */
export interface CallerEnd {
  /** Of CallNames. */
  readonly place: number;
  /** What it says it calls (a callee of CallNames); -1 when it does not. */
  readonly peer: number;
  /** Since 1970, in which it began. */
  readonly minute: number;
  /** Whole microseconds. */
  readonly durationUs: number;
  readonly failed: boolean;
  /** Databases have no spans: nothing is missed when none comes. */
  readonly isDatabase: boolean;
  /** Whether it comes so late that its other end may have been given up. */
  readonly isLate: boolean;
}

/** A server or consumer span, or a link of one. */
export interface CalleeEnd {
  readonly place: number;
  readonly minute: number;
  readonly failed: boolean;
  readonly isConsumer: boolean;
  readonly isLate: boolean;
}

/** An end waits for the other so long at least, and twice as long at most (our clock): batches of two sites come seconds apart. */
export const WAIT_MS = 20_000;
/** The producer of a message that has lain in a queue began so many minutes earlier, at most. */
const QUEUE_MINUTES = 5;
/** Late ends of one batch that are looked at again at its end; of further ones nothing is hoped. */
const MAX_LATE = 4096;
const LATE_LANES = 8;

/**
 * Joins the two ends of calls as they come, in either order and in different batches: a view over one insert would lose those
 * (notes/backends.md §1.1). A callee counts with its caller; a caller whose callee never shows counts with the name it gave, once.
 * Databases hardly ever have spans: their callers count at once, and are taken back should a callee show after all. What this
 * cannot know for sure is told in `doubtful`: the minutes whose calls only the stored spans can tell.
 */
export class CallJoiner {
  readonly sums = new CallSums();
  /** The id of the calling span, for the next `caller` or `callee`. */
  readonly key: CallKey = new Uint32Array(6);
  /** Minutes of calls that may be counted wrongly; whoever takes them clears it. */
  readonly doubtful = new Set<number>();
  readonly #names: CallNames;
  #young: CallEnds;
  #old: CallEnds;
  /** Keys of late ends that were alone when they came, with minute and whether they are callees. */
  readonly #late = new Uint32Array(LATE_LANES * MAX_LATE);
  #lates = 0;
  readonly #seed: number;
  #nowMs = Number.NaN;

  /** @param seed - that senders do not know */
  constructor(names: CallNames, seed: number) {
    this.#names = names;
    this.#seed = seed;
    this.#young = new CallEnds(seed);
    this.#old = new CallEnds(seed);
  }

  /** Tells the time, before the ends of a batch: those that have waited long enough are given up. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs - this.#young.startedMs >= WAIT_MS) this.#turn(false);
    if (nowMs - this.#old.startedMs >= 2 * WAIT_MS) this.#turn(false);
  }

  caller(end: CallerEnd): void {
    const hash = hashOfCall(this.key, this.#seed);
    const ends = this.#endsOf(hash);
    const at = ends.place(this.key, hash);
    if (at < 0) {
      this.doubtful.add(end.minute);
      return;
    }
    const { lanes } = ends;
    let flags = lanes[at + LANE.flags]!;
    if (flags & FLAG.caller) return; // sent twice
    flags |= FLAG.caller | (end.failed ? FLAG.failed : 0);
    lanes[at + LANE.caller] = end.place;
    lanes[at + LANE.peer] = end.peer + 1;
    lanes[at + LANE.minute] = end.minute;
    ends.doubles[(at + LANE.duration) >> 1] = end.durationUs;
    if (flags & FLAG.callee) {
      this.#join(ends, at, lanes[at + LANE.callee]!, end.failed || (flags & FLAG.calleeFailed) !== 0);
      for (let next = lanes[at + LANE.further]!; next !== 0; next = ends.further[next + 1]!) {
        this.#join(ends, at, ends.further[next - 1]!, end.failed || ends.further[next] === 1);
      }
      flags |= FLAG.joined;
    } else if (end.isDatabase && end.peer >= 0) {
      this.sums.add(end.place, end.peer, end.minute, end.failed, end.durationUs);
      flags |= FLAG.counted;
    } else if (end.isLate && !end.isDatabase) this.#noteLate(end.minute, false);
    lanes[at + LANE.flags] = flags;
  }

  callee(end: CalleeEnd): void {
    const hash = hashOfCall(this.key, this.#seed);
    const ends = this.#endsOf(hash);
    const at = ends.place(this.key, hash);
    if (at < 0) {
      this.#doubtCallee(end.minute, end.isConsumer);
      return;
    }
    const { lanes } = ends;
    const flags = lanes[at + LANE.flags]!;
    if (flags & FLAG.caller) {
      if ((flags & (FLAG.counted | FLAG.joined)) === FLAG.counted) this.#takeBack(ends, at, flags);
      lanes[at + LANE.flags] = flags | FLAG.joined;
      this.#join(ends, at, end.place, end.failed || (flags & FLAG.failed) !== 0);
      return;
    }
    if (flags & FLAG.callee) {
      if (!ends.hasRoomForFurther) {
        this.#doubtCallee(end.minute, end.isConsumer);
        return;
      }
      // A chain of (place, failed, next + 1); the first of several is in the entry itself.
      ends.further.push(end.place, end.failed ? 1 : 0, lanes[at + LANE.further]!);
      lanes[at + LANE.further] = ends.further.length - 2;
    } else {
      lanes[at + LANE.callee] = end.place;
      lanes[at + LANE.calleeMinute] = end.minute;
      lanes[at + LANE.flags] = flags | FLAG.callee | (end.failed ? FLAG.calleeFailed : 0) | (end.isConsumer ? FLAG.consumer : 0);
    }
    if (end.isLate) this.#noteLate(end.minute, true);
  }

  /** At the end of a batch: late ends that are still alone may have had their other end in the store for long. */
  settle(): void {
    for (let i = 0; i < this.#lates; i++) {
      const from = LATE_LANES * i;
      const key = this.#late.subarray(from, from + 6);
      const minute = this.#late[from + 6]!;
      const isCallee = this.#late[from + 7] === 1;
      const hash = hashOfCall(key, this.#seed);
      const ends = this.#old.find(key, hash) >= 0 ? this.#old : this.#young;
      const at = ends.find(key, hash);
      if (at >= 0 && ends.lanes[at + LANE.flags]! & (isCallee ? FLAG.caller : FLAG.joined)) continue;
      if (isCallee) this.#doubtCallee(minute, false);
      else this.doubtful.add(minute);
    }
    this.#lates = 0;
  }

  /** Gives up all ends, as where there is no room for them. */
  giveUp(): void {
    this.#turn(true);
    this.#turn(true);
  }

  /** Where the call of `key` is, or is to be. */
  #endsOf(hash: number): CallEnds {
    if (this.#old.entries > 0 && this.#old.find(this.key, hash) >= 0) return this.#old;
    if (this.#young.isFull && this.#young.find(this.key, hash) < 0) this.#turn(true);
    if (this.#young.entries === 0) this.#young.startedMs = this.#nowMs;
    return this.#young;
  }

  #join(ends: CallEnds, at: number, calleePlace: number, failed: boolean): void {
    const { lanes } = ends;
    const caller = lanes[at + LANE.caller]!;
    if (this.#names.isSameService(caller, calleePlace)) return;
    const callee = this.#names.served(calleePlace);
    const minute = lanes[at + LANE.minute]!;
    if (callee < 0) this.doubtful.add(minute);
    else this.sums.add(caller, callee, minute, failed, ends.doubles[(at + LANE.duration) >> 1]!);
  }

  /** A database that has spans itself: the call is one to what answered it. */
  #takeBack({ lanes, doubles }: CallEnds, at: number, flags: number): void {
    const durationUs = doubles[(at + LANE.duration) >> 1]!;
    this.sums.takeBack(lanes[at + LANE.caller]!, lanes[at + LANE.peer]! - 1, lanes[at + LANE.minute]!, (flags & FLAG.failed) !== 0, durationUs);
  }

  /** Gives up the older ends. @param early - they would have waited longer, had there been room: a callee may yet come, a further one too */
  #turn(early: boolean): void {
    const gone = this.#old;
    for (const at of gone.entries === 0 ? [] : gone.all()) {
      const flags = gone.lanes[at + LANE.flags]!;
      if (early && flags & FLAG.caller) this.doubtful.add(gone.lanes[at + LANE.minute]!);
      if (flags & (FLAG.joined | FLAG.counted)) continue;
      if (flags & FLAG.caller) this.#giveUpCaller(gone, at, flags);
      else if (early || flags & FLAG.consumer) this.#doubtCallee(gone.lanes[at + LANE.calleeMinute]!, (flags & FLAG.consumer) !== 0);
    }
    gone.clear();
    this.#old = this.#young;
    this.#young = gone;
  }

  #giveUpCaller({ lanes, doubles }: CallEnds, at: number, flags: number): void {
    const peer = lanes[at + LANE.peer]!;
    if (peer === 0) return;
    this.sums.add(lanes[at + LANE.caller]!, peer - 1, lanes[at + LANE.minute]!, (flags & FLAG.failed) !== 0, doubles[(at + LANE.duration) >> 1]!);
  }

  /** The call of a callee began in its minute or the one before; of a message perhaps long before. */
  #doubtCallee(minute: number, isConsumer: boolean): void {
    for (let back = isConsumer ? QUEUE_MINUTES : 1; back >= 0; back--) this.doubtful.add(minute - back);
  }

  #noteLate(minute: number, isCallee: boolean): void {
    if (this.#lates === MAX_LATE) {
      if (isCallee) this.#doubtCallee(minute, false);
      else this.doubtful.add(minute);
      return;
    }
    const from = LATE_LANES * this.#lates++;
    this.#late.set(this.key, from);
    this.#late[from + 6] = minute;
    this.#late[from + 7] = isCallee ? 1 : 0;
  }
}
