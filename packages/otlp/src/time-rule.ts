/** How far ahead of its reception a timestamp may be: clocks of sites differ, but not by more. */
export const MAX_AHEAD_MS = 10 * 60_000;
/** How old a timestamp may be: older data would be removed by retention (14 d for points, spans 15 d) as soon as it is stored. */
export const MAX_AGE_MS = 13 * 86_400_000;

/**
 * Why an item of this time is refused, or undefined when it is fine. The gateway answers with it (partial success), the
 * writer and the detectors leave out the very same items: both ask with the time of reception.
 */
export function timeProblem(timeMs: number, receivedMs: number): string | undefined {
  if (timeMs === 0) return "time_unix_nano is 0";
  if (timeMs > receivedMs + MAX_AHEAD_MS) return "time_unix_nano is more than 10 min ahead of the server's clock";
  if (timeMs < receivedMs - MAX_AGE_MS) return "time_unix_nano is older than 13 days";
  return undefined;
}
