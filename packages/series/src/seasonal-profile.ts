/** Half hours of a civil day. */
export const SEASON_BUCKETS = 48;
/** Floats of one profile: a mean and the learned minutes of each bucket. */
export const SEASON_FLOATS = SEASON_BUCKETS * 2;
const DAY_MS = 86_400_000;
const BUCKET_MS = DAY_MS / SEASON_BUCKETS;
/** Asia/Shanghai is UTC+8 all year round. */
const ZONE_OFFSET_MS = 8 * 3_600_000;
/** A bucket answers once it has learned from half of itself. */
const USABLE_MINUTES = 15;
/** Memory: about four days of half hours. */
const MEMORY_MINUTES = 120;

/**
 * What the profile expects at a time of day, linear between the middles of half hours, so that a steep morning has no steps.
 * @param profile - SEASON_FLOATS floats from `start`: all zeros is an empty profile
 * @returns NaN while one of the two neighbouring buckets is not known
 */
export function seasonAt(profile: Float32Array, start: number, timeMs: number): number {
  const position = bucketPosition(timeMs) - 0.5;
  const floor = Math.floor(position);
  const first = floor < 0 ? SEASON_BUCKETS - 1 : floor;
  const second = first + 1 === SEASON_BUCKETS ? 0 : first + 1;
  const minutes = start + SEASON_BUCKETS;
  if (profile[minutes + first]! < USABLE_MINUTES || profile[minutes + second]! < USABLE_MINUTES) return Number.NaN;
  const share = position - floor;
  return profile[start + first]! * (1 - share) + profile[start + second]! * share;
}

/** Moves the bucket of `timeMs` toward `value` by the share that `durationMs` has in its memory. Precondition: finite arguments, durationMs >= 0. */
export function learnSeason(profile: Float32Array, start: number, timeMs: number, value: number, durationMs: number): void {
  const at = start + Math.floor(bucketPosition(timeMs));
  const minutes = Math.min(durationMs, BUCKET_MS) / 60_000;
  const known = profile[at + SEASON_BUCKETS]!;
  const total = known + minutes;
  if (total <= 0) return;
  profile[at]! += (minutes / total) * (value - profile[at]!);
  profile[at + SEASON_BUCKETS] = Math.min(total, MEMORY_MINUTES);
}

function bucketPosition(timeMs: number): number {
  const inDay = (timeMs + ZONE_OFFSET_MS) % DAY_MS;
  return (inDay < 0 ? inDay + DAY_MS : inDay) / BUCKET_MS;
}
