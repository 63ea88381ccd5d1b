import type { DistributionBucket, NumberLine, NumberMeasure, SeriesRow } from "@yunwei/store";

/** Time in Unix milliseconds and value; null = a gap. */
export type Point = readonly [timeMs: number, value: number | null];
export type Reading = "value" | "rate" | "mean";

/** How a series is read by people: counters as a rate per second, histograms as their mean. */
export function readingOf(series: Pick<SeriesRow, "kind" | "monotonic">): Reading {
  if (series.kind === "gauge") return "value";
  if (series.kind === "delta") return "rate";
  if (series.kind === "sum") return series.monotonic ? "rate" : "value";
  return "mean";
}

/** Unit of the values as read: `By` of a counter becomes `By/s`. */
export function readUnit(unit: string, reading: Reading): string {
  if (reading !== "rate") return unit;
  return unit === "" || unit === "1" ? "1/s" : `${unit}/s`;
}

/** What is read from the buckets of a number series. */
export function measureOf(kind: SeriesRow["kind"], reading: Reading): NumberMeasure {
  return reading === "value" ? "mean" : kind === "delta" ? "sum" : "last";
}

/** Points of a number series from its buckets, in order. A counter that fell was reset: what it shows has come since. @param line - of `measureOf` */
export function pointsOfNumbers({ t, values }: NumberLine, kind: SeriesRow["kind"], reading: Reading, stepSeconds: number): Point[] {
  if (measureOf(kind, reading) === "last") return risePerSecond(t, values);
  const divisor = reading === "value" ? 1 : stepSeconds;
  return values.map((value, i) => [t[i]! * 1000, value === null ? null : value / divisor]);
}

/** Mean of what was observed in each bucket; null where nothing was. */
export function pointsOfDistributions(buckets: readonly DistributionBucket[]): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < buckets.length; i++) {
    const { t, count, sum, cumulative } = buckets[i]!;
    const before = cumulative ? buckets[i - 1] : { count: 0, sum: 0 };
    if (before === undefined) continue;
    const isReset = cumulative && count < before.count;
    const more = isReset ? count : count - before.count;
    const sumOfMore = sum === null || before.sum === null ? null : isReset ? sum : sum - before.sum;
    points.push([t * 1000, more <= 0 || sumOfMore === null ? null : sumOfMore / more]);
  }
  return points;
}

function risePerSecond(t: readonly number[], values: readonly (number | null)[]): Point[] {
  const points: Point[] = [];
  let before: { t: number; at: number } | undefined;
  for (let i = 0; i < values.length; i++) {
    const [seconds, at] = [t[i]!, values[i]!];
    if (at === null) {
      points.push([seconds * 1000, null]);
      continue;
    }
    if (before !== undefined) points.push([seconds * 1000, (at < before.at ? at : at - before.at) / (seconds - before.t)]);
    before = { t: seconds, at };
  }
  return points;
}

/** A bucket counts as missing when points stop for longer than this many usual distances. */
const GAP_FACTOR = 3;

/** Puts a null where points are missing, so that a line does not bridge an outage. @returns the same points when nothing is missing */
export function withGaps(points: readonly Point[]): Point[] {
  const distances = points.slice(1).map(([timeMs], i) => timeMs - points[i]![0]);
  const usual = [...distances].sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const out: Point[] = [];
  for (let i = 0; i < points.length; i++) {
    const before = points[i - 1];
    if (before !== undefined && points[i]![0] - before[0] > GAP_FACTOR * usual) out.push([before[0] + usual, null]);
    out.push(points[i]!);
  }
  return out;
}
