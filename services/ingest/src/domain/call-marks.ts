/** A minute that was marked a moment ago is not marked again: what repairs it waits longer than this for it to be quiet. */
const MARK_AGAIN_MS = 30_000;
/** Minutes that are watched at most: two weeks, the most that data may be late. */
const MAX_WATCHED = 20_160;

/**
 * Minutes whose calls have to be counted anew from the stored spans. A minute that was marked, or is being repaired, stays
 * watched: whatever is added to it later marks it again.
 */
export class CallMarks {
  /** Minute -> when it was marked last, Unix milliseconds; 0 = never, but watched. */
  readonly #watched = new Map<number, number>();
  readonly #due = new Set<number>();

  mark(minute: number, nowMs: number): void {
    if (nowMs - (this.#watched.get(minute) ?? 0) < MARK_AGAIN_MS) return;
    this.#watched.delete(minute); // the newest last
    this.#watched.set(minute, nowMs);
    this.#due.add(minute);
    if (this.#watched.size > MAX_WATCHED) this.#watched.delete(this.#watched.keys().next().value!);
  }

  /** Says that calls of this minute are being stored. */
  touch(minute: number, nowMs: number): void {
    if (this.#watched.has(minute)) this.mark(minute, nowMs);
  }

  /** Watches a minute that another process, or an earlier life of this one, has marked. */
  watch(minute: number): void {
    if (!this.#watched.has(minute)) this.#watched.set(minute, 0);
  }

  /** Minutes that are marked and not written down yet. */
  get due(): readonly number[] {
    return [...this.#due];
  }

  written(minutes: readonly number[]): void {
    for (const minute of minutes) this.#due.delete(minute);
  }
}
