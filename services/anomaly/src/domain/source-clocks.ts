import { SourceClock, type SourceClockState } from "./source-clock.ts";

/** Clocks by source, made at first use. */
export class SourceClocks {
  readonly #clocks = new Map<string, SourceClock>();

  of(source: string): SourceClock {
    let clock = this.#clocks.get(source);
    if (clock === undefined) {
      clock = new SourceClock();
      this.#clocks.set(source, clock);
    }
    return clock;
  }

  all(): IterableIterator<[string, SourceClock]> {
    return this.#clocks.entries();
  }

  state(): [source: string, state: SourceClockState][] {
    return [...this.#clocks].map(([source, clock]) => [source, clock.state()]);
  }

  restore(states: readonly (readonly [source: string, state: SourceClockState])[], nowMs: number): void {
    for (const [source, state] of states) this.#clocks.set(source, SourceClock.restore(state, nowMs));
  }
}
