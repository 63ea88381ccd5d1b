/**
 * Event time now of each source: the newest time its findings told of, moved on by our own clock since it was told. So a
 * replay of the past runs by its own time, and a source that falls silent does not stop the clock.
 */
export class SourceClock {
  readonly #newest = new Map<string, { eventMs: number; wallMs: number }>();

  /** @param wallMs - process clock */
  note(source: string, eventMs: number, wallMs: number): void {
    const known = this.#newest.get(source);
    if (known === undefined || eventMs > known.eventMs) this.#newest.set(source, { eventMs, wallMs });
  }

  now(source: string, wallMs: number): number {
    const known = this.#newest.get(source);
    return known === undefined ? wallMs : known.eventMs + Math.max(0, wallMs - known.wallMs);
  }
}
