import { SourceClock, type SourceClockState } from "./source-clock.ts";

const MIN_PEERS = 2;
/** Peers are never this far apart: a live source and a replayed one have nothing to say of each other. */
const MAX_APART_MS = 3_600_000;

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

  /** Advances every clock; one that has fallen silent goes on with the others of its tempo and time, two at least. */
  advanceAll(nowMs: number): void {
    const clocks = [...this.#clocks.values()];
    for (const clock of clocks) clock.advance(nowMs);
    for (const clock of clocks) {
      const peers = clocks.filter((other) => other !== clock && arePeers(clock, other)).map((other) => other.reachedMs);
      if (peers.length >= MIN_PEERS) clock.follow(peers.sort((a, b) => a - b)[peers.length >> 1]!, nowMs);
    }
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

function arePeers(clock: SourceClock, other: SourceClock): boolean {
  if (!other.speaking || clock.tempo <= 0 || other.tempo <= 0) return false;
  const ratio = clock.tempo / other.tempo;
  return ratio > 0.5 && ratio < 2 && Math.abs(other.reachedMs - clock.reachedMs) < MAX_APART_MS;
}
