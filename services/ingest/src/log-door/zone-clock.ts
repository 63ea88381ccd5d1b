const HOUR_MS = 3_600_000;
const MAX_CACHED = 4_096;

/** A reading of a clock on a wall; the year may be unknown. Months count from 1. */
export interface WallTime {
  readonly year: number | undefined;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** Whether the engine knows this IANA zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Turns readings of a wall clock in one time zone into UTC. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @param name - IANA zone, e.g. Asia/Shanghai. @throws RangeError for an unknown one */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /**
   * Unix milliseconds of a reading, or undefined when no such day or hour exists. Without a year the one is taken that brings
   * the time nearest to `receivedMs`: a message of 31 December that comes on 1 January is of the old year, and one of
   * 1 January from a clock that is ahead is of the new. A second 60 is the first of the next minute. Of the hour
   * that is repeated when summer time ends, either may be taken.
   */
  utcMs(wall: WallTime, receivedMs: number): number | undefined {
    if (wall.year !== undefined) return this.#ofYear(wall, wall.year);
    const year = new Date(receivedMs + this.#offsetMs(receivedMs)).getUTCFullYear();
    let nearest: number | undefined;
    for (const candidate of [year - 1, year, year + 1]) {
      const timeMs = this.#ofYear(wall, candidate);
      if (timeMs !== undefined && (nearest === undefined || Math.abs(timeMs - receivedMs) < Math.abs(nearest - receivedMs))) nearest = timeMs;
    }
    return nearest;
  }

  #ofYear(wall: WallTime, year: number): number | undefined {
    const localMs = wallMs(wall, year);
    if (localMs === undefined) return undefined;
    const guess = localMs - this.#offsetMs(localMs);
    return localMs - this.#offsetMs(guess);
  }

  /** How far the zone is ahead of UTC at `utcMs`. */
  #offsetMs(utcMs: number): number {
    const hour = Math.floor(utcMs / HOUR_MS);
    let offset = this.#offsets.get(hour);
    if (offset === undefined) {
      offset = this.#measure(hour * HOUR_MS);
      if (this.#offsets.size >= MAX_CACHED) this.#offsets.clear();
      this.#offsets.set(hour, offset);
    }
    return offset;
  }

  #measure(utcMs: number): number {
    const parts = new Map(this.#format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name)!;
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - utcMs;
  }
}

/** Milliseconds of a reading as if it were UTC, or undefined when there is no such time. */
function wallMs({ month, day, hour, minute, second, millisecond }: WallTime, year: number): number | undefined {
  if (year < 1970 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
}
