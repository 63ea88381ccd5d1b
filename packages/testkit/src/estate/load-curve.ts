const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Asia/Shanghai has had no daylight saving since 1991. */
const SHANGHAI_OFFSET_MS = 8 * HOUR_MS;

const NIGHT = 0.55;
const WEEKEND_SHARE = 0.45;
/** Height, centre (hour of day) and width (hours) of the two busy times of an office day. */
const PEAKS = [
  [0.7, 10, 2],
  [0.6, 15.5, 2],
] as const;

/**
 * Traffic relative to an ordinary daytime hour: about 0.55 at night, 1.25 in the morning peak, less at weekends.
 * Civil time of Asia/Shanghai, smooth everywhere, so no step at midnight.
 * @param unixMs - Unix milliseconds
 */
export function loadFactor(unixMs: number): number {
  const local = unixMs + SHANGHAI_OFFSET_MS;
  const hour = (local % DAY_MS) / HOUR_MS;
  // 1970-01-01 was a Thursday: day 0 of the epoch is weekday 4.
  const weekday = (Math.floor(local / DAY_MS) + 4) % 7;
  const isWeekend = weekday === 0 || weekday === 6;
  let busy = 0;
  for (const [height, centre, width] of PEAKS) busy += height * Math.exp(-((hour - centre) ** 2) / (2 * width * width));
  return NIGHT + (isWeekend ? WEEKEND_SHARE : 1) * busy;
}
