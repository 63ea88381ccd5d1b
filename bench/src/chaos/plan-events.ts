/** What is done to a target; each ends after a while, with the target whole and running again. */
export type Act = "kill" | "restart" | "freeze" | "fill" | "reset" | "stall";

/** Something that can be done here, and for how long at least and at most. */
export interface Possibility {
  readonly act: Act;
  readonly target: string;
  readonly forMs: readonly [number, number];
}

export interface ChaosEvent {
  readonly atMs: number;
  readonly act: Act;
  readonly target: string;
  readonly forMs: number;
}

/** Load without faults at the start, so that there is something to lose, and at the end, so that all can come back. */
const QUIET_START_MS = 2_000;
const QUIET_END_MS = 5_000;
const PAUSE_MS: readonly [number, number] = [1_500, 5_000];
/** A target that is whole again is left alone for so long, to start. */
const RECOVERY_MS = 4_000;

/**
 * The schedule of a run: every possibility once in a random order, then again in another one, with random pauses; different
 * targets may be down at the same time, one target is down once at a time. The same seed, seconds and possibilities give the
 * same schedule.
 */
export function planEvents(seconds: number, seed: number, possibilities: readonly Possibility[]): ChaosEvent[] {
  const random = mulberry32(seed);
  const between = ([least, most]: readonly [number, number]): number => Math.round(least + random() * (most - least));
  const lastMs = seconds * 1_000 - QUIET_END_MS;
  const events: ChaosEvent[] = [];
  const freeAt = new Map<string, number>();
  let round: Possibility[] = [];
  for (let atMs = QUIET_START_MS; possibilities.length > 0; atMs += between(PAUSE_MS)) {
    if (round.length === 0) round = shuffled(possibilities, random);
    const next = round.findIndex(({ target }) => (freeAt.get(target) ?? 0) <= atMs);
    if (next < 0) {
      if (atMs > lastMs) break;
      continue;
    }
    const [{ act, target, forMs: range }] = round.splice(next, 1) as [Possibility];
    const forMs = Math.min(between(range), lastMs - atMs);
    if (forMs < 100) break;
    events.push({ atMs, act, target, forMs });
    freeAt.set(target, atMs + forMs + RECOVERY_MS);
  }
  return events;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Mulberry32 of Tommy Ettinger (public domain): uniform in [0, 1), the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
