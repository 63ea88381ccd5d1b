/** When the next event may be sent. */
export interface Pace {
  /** How long to wait before sending what happened at `timeMs`. @param nowMs - a monotonic clock, ms */
  waitMs(timeMs: number, nowMs: number): number;
}

/** @param speed - event seconds per second; undefined = never wait. @param fromMs - event time at `startMs` on the clock of `waitMs` */
export function paceOf(speed: number | undefined, fromMs: number, startMs: number): Pace {
  return { waitMs: (timeMs, nowMs) => (speed === undefined ? 0 : Math.max(0, (timeMs - fromMs) / speed - (nowMs - startMs))) };
}
