/** Length of a window of derived series, and how long after its end its points may still come, in event time. */
export const WINDOW_MS = 15_000;
export const LATENESS_MS = 10_000;
/** More open windows than this are not kept: the oldest closes early. */
const MAX_OPEN = 24;

/**
 * Tumbling windows of one source by event time. A window closes when the watermark is LATENESS_MS past its end; what comes
 * for a closed window is late. The first window ever seen is left out: it began before we listened.
 */
export class EventWindows<T> {
  readonly #open = new Map<number, T>();
  readonly #create: () => T;
  #closedTo = Number.NEGATIVE_INFINITY;
  late = 0;

  constructor(create: () => T) {
    this.#create = create;
  }

  /** The window that a time belongs to, or undefined when it is late, or too far ahead of the others. */
  at(timeMs: number): T | undefined {
    const index = Math.floor(timeMs / WINDOW_MS);
    if (this.#closedTo === Number.NEGATIVE_INFINITY) this.#closedTo = index;
    const known = this.#open.get(index);
    if (known !== undefined) return known;
    if (index <= this.#closedTo || index > this.#closedTo + 4 * MAX_OPEN) {
      this.late++;
      return undefined;
    }
    const fresh = this.#create();
    this.#open.set(index, fresh);
    return fresh;
  }

  /** Takes out every window that is due, oldest first, also the empty ones between: silence is a value too. */
  close(watermarkMs: number, each: (window: T | undefined, endMs: number) => void): void {
    if (this.#closedTo === Number.NEGATIVE_INFINITY) return;
    let due = Math.floor((watermarkMs - LATENESS_MS) / WINDOW_MS) - 1;
    if (this.#open.size > MAX_OPEN) due = Math.max(due, Math.min(...this.#open.keys()));
    // After a leap of the source only what has data is told: nobody knows what the hours between were like.
    if (due - this.#closedTo > MAX_OPEN) this.#closedTo = Math.min(due - 1, Math.min(...this.#open.keys()) - 1);
    while (this.#closedTo < due) {
      const index = ++this.#closedTo;
      const window = this.#open.get(index);
      this.#open.delete(index);
      each(window, (index + 1) * WINDOW_MS);
    }
  }
}
