/** Names of the units, from the catalogue. */
export type UnitName = "d" | "h" | "min" | "s";

/**
 * A length of time in its two largest parts: `2 h 5 min`, `3 min`, `12 s`. Negative counts as 0; below a second is `0 s`.
 * @param unit - name of a unit in the reader's language
 */
export function formatDuration(durationMs: number, unit: (name: UnitName) => string): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} ${unit("d")}`;
  if (hours > 0) return joined(hours, unit("h"), minutes % 60, unit("min"));
  if (minutes >= 10) return `${minutes} ${unit("min")}`;
  if (minutes > 0) return joined(minutes, unit("min"), seconds % 60, unit("s"));
  return `${seconds} ${unit("s")}`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
