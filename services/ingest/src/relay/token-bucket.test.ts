import fc from "fast-check";
import { expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

it("never lets more pass than the rate, a burst of a second and one amount", () => {
  const amounts = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 5_000 }), idleMs: fc.integer({ min: 0, max: 3_000 }) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), amounts, (perSecond, steps) => {
      const bucket = new TokenBucket(perSecond, 0);
      const largest = Math.max(...steps.map(({ amount }) => amount));
      let nowMs = 0;
      let passed = 0;
      for (const { amount, idleMs } of steps) {
        nowMs += idleMs;
        nowMs += bucket.delayMs(amount, nowMs);
        expect(bucket.delayMs(amount, nowMs)).toBeLessThanOrEqual(1);
        bucket.take(amount, nowMs);
        passed += amount;
        expect(passed).toBeLessThanOrEqual(perSecond * (nowMs / 1000) + perSecond + largest + 1);
      }
    }),
  );
});

it("comes to the rate and does not stay below it", () => {
  const bucket = new TokenBucket(1_000, 0);
  let nowMs = 0;
  for (let i = 0; i < 100; i++) {
    nowMs += bucket.delayMs(500, nowMs);
    bucket.take(500, nowMs);
  }
  expect(nowMs).toBeGreaterThanOrEqual(48_000);
  expect(nowMs).toBeLessThanOrEqual(50_000);
});

it("stands a clock that is set back, and knows no limit", () => {
  const bucket = new TokenBucket(10, 1_000_000);
  bucket.take(10, 1_000_000);
  expect(bucket.delayMs(10, 0)).toBe(1_000);
  expect(bucket.delayMs(10, 1_000)).toBe(0);
  expect(new TokenBucket(Number.POSITIVE_INFINITY, 0).delayMs(1e12, 0)).toBe(0);
});
