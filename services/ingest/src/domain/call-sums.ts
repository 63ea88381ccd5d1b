import { wider } from "@yunwei/otlp";
import { MAX_CALL_NAMES } from "./call-names.ts";

/** Minutes that are told apart: a year, and data older than 13 days is refused. */
const MINUTES = 2 ** 19;
const FIRST = 256;

/** Calls summed by caller, callee and minute; entries `[0, size)` of the columns. */
export class CallSums {
  size = 0;
  caller = new Int32Array(FIRST);
  callee = new Int32Array(FIRST);
  /** Minutes since 1970 in which the calls began. */
  minute = new Int32Array(FIRST);
  calls = new Float64Array(FIRST);
  errors = new Float64Array(FIRST);
  /** Whole microseconds: exact sums. */
  durationUs = new Float64Array(FIRST);
  longestUs = new Float64Array(FIRST);
  readonly #known = new Map<number, number>();
  #lastKey = -1;
  #lastAt = 0;

  /** @param durationUs - a whole number */
  add(caller: number, callee: number, minute: number, failed: boolean, durationUs: number): void {
    const at = this.#at(caller, callee, minute);
    this.calls[at]!++;
    if (failed) this.errors[at]!++;
    this.durationUs[at]! += durationUs;
    if (durationUs > this.longestUs[at]!) this.longestUs[at] = durationUs;
  }

  /** Undoes an `add`, also one of an earlier batch: sums go below zero for that. Not the maximum, which cannot be taken back. */
  takeBack(caller: number, callee: number, minute: number, failed: boolean, durationUs: number): void {
    const at = this.#at(caller, callee, minute);
    this.calls[at]!--;
    if (failed) this.errors[at]!--;
    this.durationUs[at]! -= durationUs;
  }

  #at(caller: number, callee: number, minute: number): number {
    const key = (caller * MAX_CALL_NAMES + callee) * MINUTES + (minute % MINUTES);
    return key === this.#lastKey ? this.#lastAt : this.#find(key, caller, callee, minute);
  }

  #find(key: number, caller: number, callee: number, minute: number): number {
    let at = this.#known.get(key);
    if (at === undefined) {
      at = this.size++;
      if (at === this.caller.length) this.#grow();
      this.#known.set(key, at);
      this.caller[at] = caller;
      this.callee[at] = callee;
      this.minute[at] = minute;
      for (const column of [this.calls, this.errors, this.durationUs, this.longestUs]) column[at] = 0;
    }
    this.#lastKey = key;
    this.#lastAt = at;
    return at;
  }

  clear(): void {
    this.size = 0;
    this.#known.clear();
    this.#lastKey = -1;
  }

  #grow(): void {
    this.caller = wider(this.caller);
    this.callee = wider(this.callee);
    this.minute = wider(this.minute);
    this.calls = wider(this.calls);
    this.errors = wider(this.errors);
    this.durationUs = wider(this.durationUs);
    this.longestUs = wider(this.longestUs);
  }
}
