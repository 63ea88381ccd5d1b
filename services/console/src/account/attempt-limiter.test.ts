import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttemptLimiter } from "./attempt-limiter.ts";

const options = { freeFailures: 5, firstWaitMs: 1_000, maxWaitMs: 60_000, forgetMs: 600_000, maxKeys: 100 };

describe("AttemptLimiter", () => {
  it("lets five failures pass, then doubles the wait up to the longest", () => {
    const limiter = new AttemptLimiter(options);
    let now = 0;
    for (let i = 0; i < 5; i++) expect(limiter.begin("a", now)).toBe(0);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const wait = limiter.begin("a", now);
      waits.push(wait);
      now += wait;
      expect(limiter.begin("a", now)).toBe(0);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it("starts anew after a success and after a long time without failures", () => {
    const limiter = new AttemptLimiter(options);
    for (let i = 0; i < 5; i++) limiter.begin("a", 0);
    expect(limiter.begin("a", 1)).toBeGreaterThan(0);
    expect(limiter.begin("a", options.forgetMs)).toBe(0);
    for (let i = 0; i < 4; i++) limiter.begin("b", 0);
    limiter.succeed("b");
    for (let i = 0; i < 5; i++) expect(limiter.begin("b", 1)).toBe(0);
  });

  it("does not count what it refused, and keeps names apart", () => {
    const limiter = new AttemptLimiter(options);
    for (let i = 0; i < 5; i++) limiter.begin("a", 0);
    for (let i = 0; i < 50; i++) expect(limiter.begin("a", 10)).toBe(990);
    expect(limiter.begin("b", 10)).toBe(0);
  });

  it("law: in any stretch of time no more attempts pass than the free ones and those whose wait is over", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5_000 }), { maxLength: 300 }), (steps) => {
        const limiter = new AttemptLimiter({ ...options, forgetMs: Number.MAX_SAFE_INTEGER });
        let now = 0;
        let passed = 0;
        for (const step of steps) {
          now += step;
          if (limiter.begin("a", now) === 0) passed++;
        }
        // n attempts beyond the free ones need 1 + 2 + 4 + ... seconds, each wait at most the longest.
        let needed = 0;
        for (let i = 0; i < passed - options.freeFailures; i++) needed += Math.min(options.maxWaitMs, options.firstWaitMs * 2 ** i);
        return needed <= now;
      }),
    );
  });

  it("law: its memory is bounded whatever is tried", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 500 }), (keys) => {
        const limiter = new AttemptLimiter({ ...options, maxKeys: 20 });
        for (const key of keys) limiter.begin(key, 0);
        return limiter.size <= 20;
      }),
    );
  });
});
