import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { learnSeason, SEASON_FLOATS, seasonAt } from "./seasonal-profile.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Midnight in Shanghai. */
const MIDNIGHT = Date.UTC(2026, 10, 23, 16);

function learned(curve: (timeMs: number) => number, days = 2): Float32Array {
  const profile = new Float32Array(SEASON_FLOATS);
  for (let timeMs = MIDNIGHT; timeMs < MIDNIGHT + days * DAY; timeMs += MINUTE) learnSeason(profile, 0, timeMs, curve(timeMs), MINUTE);
  return profile;
}

describe("seasonal profile", () => {
  it("follows a daily curve, without steps between half hours", () => {
    const curve = (timeMs: number): number => 10 + 4 * Math.sin((2 * Math.PI * (timeMs - MIDNIGHT)) / DAY);
    const profile = learned(curve);
    let before = seasonAt(profile, 0, MIDNIGHT + 5 * DAY - MINUTE);
    for (let timeMs = MIDNIGHT + 5 * DAY; timeMs < MIDNIGHT + 6 * DAY; timeMs += MINUTE) {
      const now = seasonAt(profile, 0, timeMs);
      expect(Math.abs(now - curve(timeMs))).toBeLessThan(0.1);
      expect(Math.abs(now - before)).toBeLessThan(0.03);
      before = now;
    }
  });

  it("knows Shanghai's time of day", () => {
    const busy = (timeMs: number): number => ((timeMs + 8 * 3_600_000) % DAY < DAY / 2 ? 0 : 100); // afternoons there
    const profile = learned(busy);
    expect(seasonAt(profile, 0, Date.UTC(2026, 10, 30, 7))).toBeCloseTo(100, 3); // 15:00
    expect(seasonAt(profile, 0, Date.UTC(2026, 10, 30, 22))).toBeCloseTo(0, 3); // 06:00
  });

  it("does not answer for a time it has not seen", () => {
    const profile = new Float32Array(SEASON_FLOATS);
    expect(seasonAt(profile, 0, MIDNIGHT)).toBeNaN();
    for (let i = 0; i < 180; i++) learnSeason(profile, 0, MIDNIGHT + i * MINUTE, 5, MINUTE);
    expect(seasonAt(profile, 0, MIDNIGHT + 90 * MINUTE)).toBe(5);
    expect(seasonAt(profile, 0, MIDNIGHT + 12 * 60 * MINUTE)).toBeNaN();
  });

  it("stays between the least and the greatest value it was taught, for any time", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -1e12, max: 2e12 }), fc.integer({ min: -100, max: 100 })), { minLength: 1 }),
        fc.integer({ min: -1e12, max: 2e12 }),
        (points, ask) => {
          const profile = new Float32Array(SEASON_FLOATS);
          for (const [timeMs, value] of points) for (let i = 0; i < 3; i++) learnSeason(profile, 0, timeMs, value, 20 * MINUTE);
          const values = points.map(([, value]) => value);
          const got = seasonAt(profile, 0, ask);
          expect(Number.isNaN(got) || (got >= Math.min(...values) - 1e-3 && got <= Math.max(...values) + 1e-3)).toBe(true);
        },
      ),
    );
  });
});
