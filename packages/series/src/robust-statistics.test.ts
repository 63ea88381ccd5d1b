import fc from "fast-check";
import { mean, standardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { cusumStep } from "./cusum.ts";
import { clip, robustScale } from "./robust-scale.ts";
import { seededNormal, seededRandom } from "./seeded-random.ts";

describe("robustScale", () => {
  it("is about 0.8 sigma for normal residuals", () => {
    const next = seededNormal(seededRandom(3));
    const residuals = Array.from({ length: 20_000 }, () => 5 * next());
    const scale = robustScale(mean(residuals.map(Math.abs)), mean(residuals.map((r) => r * r)));
    expect(scale).toBeCloseTo(0.8 * standardDeviation(residuals), 1);
  });

  it("does not collapse when most residuals are 0", () => {
    const residuals = Array.from({ length: 1000 }, (_, i) => (i % 100 === 0 ? 10 : 0));
    expect(robustScale(mean(residuals), mean(residuals.map((r) => r * r)))).toBeGreaterThan(mean(residuals) * 5);
  });

  it("is never below either of its parts", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true }), (meanAbsolute, meanSquare) => {
        expect(robustScale(meanAbsolute, meanSquare)).toBeGreaterThanOrEqual(Math.max(meanAbsolute, 0.69 * Math.sqrt(meanSquare)));
      }),
    );
  });
});

describe("clip", () => {
  it.each([
    [5, 3, 3],
    [-5, 3, -3],
    [2, 3, 2],
    [1e300, Number.POSITIVE_INFINITY, 1e300],
  ])("moves %d into a limit of %d: %d", (value, limit, want) => expect(clip(value, limit)).toBe(want));
});

describe("cusumStep", () => {
  it("grows with a sustained shift and forgets a lone outlier", () => {
    let shifted = 0;
    for (let i = 0; i < 20; i++) shifted = cusumStep(shifted, 3, 2);
    expect(shifted).toBe(20);
    let outlier = cusumStep(0, 1000, 2);
    expect(outlier).toBeLessThan(10);
    for (let i = 0; i < 5; i++) outlier = cusumStep(outlier, 0, 2);
    expect(outlier).toBe(0);
  });
});
