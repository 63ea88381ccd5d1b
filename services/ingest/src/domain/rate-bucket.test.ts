import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RateBucket } from "./rate-bucket.ts";

describe("a rate bucket", () => {
  it("never lets more pass in any time than its rate and one burst, and what asks again when it is told passes", () => {
    const steps = fc.array(fc.record({ pauseMs: fc.nat({ max: 5_000 }), amount: fc.integer({ min: 1, max: 400 }) }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 500 }), steps, (perSecond, burst, requests) => {
        const bucket = new RateBucket(perSecond, burst, 0);
        let nowMs = 0;
        let passed = 0;
        let largest = 0;
        for (const { pauseMs, amount } of requests) {
          nowMs += pauseMs;
          const waitMs = bucket.waitMs(amount, nowMs);
          if (waitMs > 0) {
            if (bucket.waitMs(amount, nowMs + waitMs) !== 0) throw new Error("told to come again too early");
            nowMs += waitMs;
          }
          bucket.take(amount, nowMs);
          passed += amount;
          largest = Math.max(largest, amount);
          // A request over a burst passes on a full bucket: at most one of these more.
          if (passed > (perSecond * nowMs) / 1000 + Math.max(burst, largest) + 1e-6) throw new Error("too much has passed");
        }
      }),
    );
  });

  it("gains nothing by a clock that is set back", () => {
    const bucket = new RateBucket(10, 10, 1_000);
    bucket.take(10, 1_000);
    expect([bucket.waitMs(1, 500), bucket.waitMs(1, 600)]).toEqual([100, 0]);
  });

  it("never lets more pass than the rate, a burst of a second and the largest amount", () => {
    const amounts = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 5_000 }), idleMs: fc.integer({ min: 0, max: 3_000 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), amounts, (perSecond, steps) => {
        const bucket = new RateBucket(perSecond, perSecond, 0);
        const largest = Math.max(...steps.map(({ amount }) => amount));
        let nowMs = 0;
        let passed = 0;
        for (const { amount, idleMs } of steps) {
          nowMs += idleMs;
          nowMs += bucket.waitMs(amount, nowMs);
          expect(bucket.waitMs(amount, nowMs)).toBeLessThanOrEqual(1);
          bucket.take(amount, nowMs);
          passed += amount;
          expect(passed).toBeLessThanOrEqual(perSecond * (nowMs / 1000) + perSecond + largest + 1);
        }
      }),
    );
  });

  it("comes to the rate and does not stay below it", () => {
    const bucket = new RateBucket(1_000, 1_000, 0);
    let nowMs = 0;
    for (let i = 0; i < 100; i++) {
      nowMs += bucket.waitMs(500, nowMs);
      bucket.take(500, nowMs);
    }
    expect(nowMs).toBeGreaterThanOrEqual(48_000);
    expect(nowMs).toBeLessThanOrEqual(50_000);
  });

  it("stands a clock that is set back", () => {
    const bucket = new RateBucket(10, 10, 1_000_000);
    bucket.take(10, 1_000_000);
    expect(bucket.waitMs(10, 0)).toBe(1_000);
    expect(bucket.waitMs(10, 1_000)).toBe(0);
  });
});
