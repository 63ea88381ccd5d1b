import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastReading } from "./last-reading.ts";
import { planPoints } from "./point-plan.ts";
import { type Point, pointsOfDistributions, pointsOfNumbers, readingOf, readUnit, withGaps } from "./reading.ts";

const HOUR = 3_600_000;
const line = (...points: readonly (readonly [t: number, value: number | null])[]) => ({ t: points.map(([t]) => t), values: points.map(([, value]) => value) });

describe("planPoints", () => {
  it.each([
    [HOUR, 300, "metric_points", 12],
    [60_000, 300, "metric_points", 1],
    [24 * HOUR, 300, "metric_5m", 300],
    [7 * 24 * HOUR, 300, "metric_5m", 2100],
    [60 * 24 * HOUR, 300, "metric_1h", 18_000],
  ] as const)("%i ms in %i points from %s", (spanMs, maxPoints, table, stepSeconds) => {
    expect(planPoints(spanMs, maxPoints)).toMatchObject({ table, stepSeconds });
  });

  it("law: never more buckets than asked for, in whole steps of the table", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1100 * 24 * HOUR }), fc.integer({ min: 2, max: 2000 }), (spanMs, maxPoints) => {
        const { table, stepSeconds } = planPoints(spanMs, maxPoints);
        const own = table === "metric_points" ? 1 : table === "metric_5m" ? 300 : 3600;
        return stepSeconds % own === 0 && spanMs / 1000 / stepSeconds <= maxPoints;
      }),
    );
  });
});

describe("reading", () => {
  it("knows how each kind is read, and in which unit", () => {
    expect(readingOf({ kind: "gauge", monotonic: false })).toBe("value");
    expect(readingOf({ kind: "sum", monotonic: false })).toBe("value");
    expect(readingOf({ kind: "sum", monotonic: true })).toBe("rate");
    expect(readingOf({ kind: "delta", monotonic: true })).toBe("rate");
    for (const kind of ["histogram", "exponential_histogram", "summary"] as const) expect(readingOf({ kind, monotonic: true })).toBe("mean");
    expect(readUnit("By", "rate")).toBe("By/s");
    expect(readUnit("1", "rate")).toBe("1/s");
    expect(readUnit("s", "mean")).toBe("s");
  });

  it("reads a counter by the time between its points, takes a fall for a reset, and leaves a gap open", () => {
    expect(pointsOfNumbers(line([3, 100], [13, 200], [23, 50], [30, null], [43, 150]), "sum", "rate", 10)).toEqual([
      [13_000, 10],
      [23_000, 5],
      [30_000, null],
      [43_000, 5],
    ]);
  });

  it("reads a delta as what came per second", () => {
    expect(pointsOfNumbers(line([0, 30], [10, null]), "delta", "rate", 10)).toEqual([
      [0, 3],
      [10_000, null],
    ]);
  });

  it("law: a steady counter has a steady rate, whatever the reset in between hides", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 3, max: 50 }), (perSecond, count) => {
        const counter = line(...Array.from({ length: count }, (_, i) => [i * 15, i * 15 * perSecond] as const));
        return pointsOfNumbers(counter, "sum", "rate", 15).every(([, rate]) => rate === perSecond);
      }),
    );
  });

  it("reads distributions as the mean of what came since, null when nothing did", () => {
    const cumulative = (t: number, count: number, sum: number | null) => ({ t, count, sum, cumulative: true });
    expect(pointsOfDistributions([cumulative(0, 10, 2), cumulative(10, 20, 7), cumulative(20, 20, 7), cumulative(30, 5, 10), cumulative(40, 6, null)])).toEqual(
      [
        [10_000, 0.5],
        [20_000, null],
        [30_000, 2],
        [40_000, null],
      ],
    );
    expect(pointsOfDistributions([{ t: 0, count: 4, sum: 2, cumulative: false }])).toEqual([[0, 0.5]]);
  });

  it("reads the newest value of a counter from two points that did not fall", () => {
    const counter = { kind: "sum", monotonic: true } as const;
    const row = { seriesId: "", oldest: 0, oldestValue: 10, newest: 10, value: 30 };
    expect(lastReading(counter, row)).toBe(2);
    expect(lastReading(counter, { ...row, value: 5 })).toBeNull();
    expect(lastReading(counter, { ...row, newest: 0 })).toBeNull();
    expect(lastReading({ kind: "gauge", monotonic: false }, row)).toBe(30);
  });
});

describe("withGaps", () => {
  it("opens a line where points are missing for longer than usual", () => {
    const points: Point[] = [0, 10, 20, 80, 90].map((t) => [t, 1]);
    expect(withGaps(points)).toEqual([
      [0, 1],
      [10, 1],
      [20, 1],
      [30, null],
      [80, 1],
      [90, 1],
    ]);
  });

  it("law: keeps every point, in order, and adds nulls only", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 100_000 }), { maxLength: 200 }), (times) => {
        const points: Point[] = times.sort((a, b) => a - b).map((t) => [t, t]);
        const out = withGaps(points);
        const isOrdered = out.every(([t], i) => i === 0 || t >= out[i - 1]![0]);
        return isOrdered && JSON.stringify(out.filter(([, value]) => value !== null)) === JSON.stringify(points);
      }),
    );
  });
});
