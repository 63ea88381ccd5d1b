const WINDOW = 10;

/** Rate over the last ten ticks. Pure: time is told. */
export class RateMeter {
  readonly #marks: { readonly total: number; readonly atMs: number }[] = [];

  tick(total: number, nowMs: number): void {
    this.#marks.push({ total, atMs: nowMs });
    if (this.#marks.length > WINDOW + 1) this.#marks.shift();
  }

  /** 0 before the second tick, and when the clock stood still. */
  get perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return (1000 * (last.total - first.total)) / (last.atMs - first.atMs);
  }
}
