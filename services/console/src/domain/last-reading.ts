import type { LastValueRow, SeriesRow } from "@yunwei/store";
import { readingOf } from "./reading.ts";

/** The newest value as people read it. A counter needs two points; one that fell was reset and gives null, as does a delta alone. */
export function lastReading(series: Pick<SeriesRow, "kind" | "monotonic">, row: LastValueRow): number | null {
  if (readingOf(series) === "value") return row.value;
  const seconds = row.newest - row.oldest;
  if (series.kind !== "sum" || seconds <= 0 || row.value === null || row.oldestValue === null || row.value < row.oldestValue) return null;
  return (row.value - row.oldestValue) / seconds;
}
