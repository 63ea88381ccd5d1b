/** A time is reached when this many different reporters have reached it, so that one wild clock cannot move it. */
const WITNESSES = 3;
/** A witness is gone after this long on the process clock, or when the others went on this far without it. */
const SILENT_MS = 30_000;
const MISSED_MS = 180_000;
/** One report adds at most this to what the others missed: a wild clock does not make the sane ones look gone. */
const MAX_STEP_MS = 60_000;

/** What the reporters of one source in one partition have reached: the least of the three newest that are alive. O(1) a report. */
export class PartitionClock {
  lastHeardMs = 0;
  readonly #reporters = new Int32Array(WITNESSES).fill(-1);
  readonly #times = new Float64Array(WITNESSES);
  readonly #heardMs = new Float64Array(WITNESSES);
  readonly #missedMs = new Float64Array(WITNESSES);
  #reachedMs = 0;

  /** A reporter's time; 0 says only that it is there. @param nowMs - process clock */
  hear(reporter: number, timeMs: number, nowMs: number): void {
    this.lastHeardMs = nowMs;
    if (!(timeMs > 0)) return;
    const at = this.#seatOf(reporter, timeMs);
    if (at < 0) return;
    const before = this.#reporters[at] === reporter ? this.#times[at]! : timeMs;
    this.#reporters[at] = reporter;
    this.#heardMs[at] = nowMs;
    this.#missedMs[at] = 0;
    this.#times[at] = Math.max(before, timeMs);
    const step = Math.min(timeMs - before, MAX_STEP_MS);
    if (step > 0) for (let i = 0; i < WITNESSES; i++) if (i !== at) this.#missedMs[i]! += step;
  }

  /** The least time among the witnesses that are alive; the last answer when all fell silent; 0 before the first. */
  reached(nowMs: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < WITNESSES; i++) {
      const alive = this.#times[i]! > 0 && nowMs - this.#heardMs[i]! <= SILENT_MS && this.#missedMs[i]! <= MISSED_MS;
      if (alive && this.#times[i]! < least) least = this.#times[i]!;
    }
    if (least !== Number.POSITIVE_INFINITY) this.#reachedMs = least;
    return this.#reachedMs;
  }

  /** Reporters and their times, JSON-safe; hearing them again restores the clock. */
  state(): [reporters: number[], times: number[]] {
    const known = [...this.#times.keys()].filter((i) => this.#times[i]! > 0);
    return [known.map((i) => this.#reporters[i]!), known.map((i) => this.#times[i]!)];
  }

  /** The reporter's own seat, or that of the slowest witness when this time is newer; -1 = not among the newest. */
  #seatOf(reporter: number, timeMs: number): number {
    let least = 0;
    for (let i = 0; i < WITNESSES; i++) {
      if (this.#reporters[i] === reporter) return i;
      if (this.#times[i]! < this.#times[least]!) least = i;
    }
    return timeMs > this.#times[least]! ? least : -1;
  }
}
