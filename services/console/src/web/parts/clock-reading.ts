/** A clock as the server read it. */
export interface ReadClock {
  readonly targetMs: number;
  readonly elapsedMs: number;
  readonly state: "running" | "paused" | "stopped";
  readonly breached: boolean;
}

/** What to say of a clock, and the length of time that goes with it. */
export interface ClockReading {
  readonly state: "left" | "over" | "paused" | "met" | "missed";
  readonly ms: number;
}

/** @param sinceReadMs - how long ago the server read it; negative counts as 0 */
export function clockReading({ targetMs, elapsedMs, state, breached }: ReadClock, sinceReadMs: number): ClockReading {
  if (state === "stopped") return { state: breached ? "missed" : "met", ms: elapsedMs };
  if (state === "paused") return { state: "paused", ms: targetMs - elapsedMs };
  const leftMs = targetMs - elapsedMs - Math.max(0, sinceReadMs);
  return leftMs < 0 ? { state: "over", ms: -leftMs } : { state: "left", ms: leftMs };
}
