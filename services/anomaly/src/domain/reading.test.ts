import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counterRate, deltaRate, readHistogram } from "./reading.ts";
import { STRIDE } from "./record-layout.ts";

const T = 1_700_000_000_000;

describe("counterRate", () => {
  it("gives the growth per second, nothing at first, at a reset, or for a late point", () => {
    const f = new Float64Array(STRIDE);
    const rates = [
      [0, 100],
      [10, 150],
      [10, 150],
      [5, 120],
      [20, 7], // the process restarted
      [30, 17],
    ].map(([seconds, raw]) => counterRate(f, 0, T + seconds! * 1000, raw!));
    expect(rates).toEqual([Number.NaN, 5, Number.NaN, Number.NaN, Number.NaN, 1]);
  });

  it("is never negative nor infinite", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -5, max: 1000 }), fc.double())), (points) => {
        const f = new Float64Array(STRIDE);
        let timeMs = T;
        for (const [gap, raw] of points) {
          timeMs += gap;
          const rate = counterRate(f, 0, timeMs, raw);
          expect(Number.isNaN(rate) || rate >= 0).toBe(true);
        }
      }),
    );
  });
});

describe("deltaRate", () => {
  it("gives the delta over the time since the last point", () => {
    const f = new Float64Array(STRIDE);
    expect([0, 10, 30].map((seconds) => deltaRate(f, 0, T + seconds * 1000, 40))).toEqual([Number.NaN, 4, 2]);
  });
});

describe("readHistogram", () => {
  const read = (f: Float64Array, seconds: number, count: number, sum: number, cumulative: boolean, startSeconds = 0) => ({
    ...readHistogram(f, 0, T + seconds * 1000, startSeconds === 0 ? 0 : T + startSeconds * 1000, count, sum, cumulative, { observations: 0, mean: 0, rate: 0 }),
  });

  it("reads the mean and the rate between two cumulative points", () => {
    const f = new Float64Array(STRIDE);
    expect(read(f, 0, 10, 1, true).mean).toBeNaN();
    expect(read(f, 10, 30, 5, true)).toEqual({ observations: 20, mean: 0.2, rate: 2 });
    expect(read(f, 20, 30, 5, true)).toEqual({ observations: 0, mean: Number.NaN, rate: 0 });
    expect(read(f, 30, 2, 0.1, true).rate).toBeNaN(); // reset
    expect(read(f, 40, 12, 1.1, true)).toEqual({ observations: 10, mean: 0.1, rate: 1 });
  });

  it("reads a delta point alone when it says when it began", () => {
    const f = new Float64Array(STRIDE);
    expect(read(f, 10, 20, 4, false, 5)).toEqual({ observations: 20, mean: 0.2, rate: 4 });
    expect(read(f, 20, 10, 1, false)).toEqual({ observations: 10, mean: 0.1, rate: 1 });
  });
});
