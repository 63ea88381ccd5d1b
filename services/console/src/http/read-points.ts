import { distributionBuckets, numberBuckets, type SeriesRow, type Store } from "@yunwei/store";
import { type PointPlan, planPoints } from "../domain/point-plan.ts";
import { measureOf, type Point, pointsOfDistributions, pointsOfNumbers, type Reading, readingOf, readUnit } from "../domain/reading.ts";

/** A series as people read it. */
export interface SeriesPoints extends Pick<SeriesRow, "seriesId" | "metric" | "entity" | "labels"> {
  /** Of the values as read. */
  readonly unit: string;
  readonly reading: Reading;
  readonly resolution: PointPlan["resolution"] | "derived";
  readonly stepSeconds: number;
  readonly points: readonly Point[];
}

/** Points of stored series, in their order: those that are measured alike, or are of one kind of distribution, with one statement. @param series - at most MAX_LINES */
export async function readPoints(
  store: Store,
  series: readonly SeriesRow[],
  window: { readonly fromMs: number; readonly untilMs: number },
  maxPoints: number,
): Promise<SeriesPoints[]> {
  const plan = planPoints(window.untilMs - window.fromMs, maxPoints);
  const buckets = { ...window, stepSeconds: plan.stepSeconds };
  const points = new Map<SeriesRow, readonly Point[]>();
  for (const measure of ["mean", "sum", "last"] as const) {
    const alike = series.filter((one) => readingOf(one) !== "mean" && measureOf(one.kind, readingOf(one)) === measure);
    const lines = await numberBuckets(store, alike, measure, plan.table, buckets);
    for (const [i, one] of alike.entries()) points.set(one, pointsOfNumbers(lines[i]!, one.kind, readingOf(one), plan.stepSeconds));
  }
  const distributions = series.filter((one) => readingOf(one) === "mean");
  const lines = await distributionBuckets(store, distributions, buckets);
  for (const [i, one] of distributions.entries()) points.set(one, pointsOfDistributions(lines[i]!));
  return series.map((one) => {
    const { seriesId, metric, entity, labels, unit } = one;
    const reading = readingOf(one);
    const resolution = reading === "mean" ? "raw" : plan.resolution;
    return { seriesId, metric, entity, labels, unit: readUnit(unit, reading), reading, resolution, stepSeconds: plan.stepSeconds, points: points.get(one)! };
  });
}
