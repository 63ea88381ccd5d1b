import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Possibility, planEvents } from "./plan-events.ts";

const possibilities: Possibility[] = [
  { act: "kill", target: "a", forMs: [500, 3_000] },
  { act: "freeze", target: "a", forMs: [4_000, 8_000] },
  { act: "kill", target: "b", forMs: [500, 3_000] },
  { act: "stall", target: "link", forMs: [1_000, 12_000] },
];

describe("the schedule of a chaos run", () => {
  it("is the same for a seed, and another for another", () => {
    expect(planEvents(120, 7, possibilities)).toEqual(planEvents(120, 7, possibilities));
    expect(planEvents(120, 7, possibilities)).not.toEqual(planEvents(120, 8, possibilities));
  });

  it("does everything that can be done in a minute", () => {
    const done = new Set(planEvents(60, 1, possibilities).map(({ act, target }) => `${act} ${target}`));
    expect(done.size).toBe(possibilities.length);
  });

  it("never has a target down twice at once, and all up at the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer(), (seconds, seed) => {
        const freeAt = new Map<string, number>();
        for (const { atMs, target, forMs } of planEvents(seconds, seed, possibilities)) {
          expect(atMs).toBeGreaterThanOrEqual(freeAt.get(target) ?? 2_000);
          expect(atMs + forMs).toBeLessThanOrEqual(seconds * 1_000 - 5_000);
          freeAt.set(target, atMs + forMs);
        }
      }),
    );
    expect(planEvents(60, 1, [])).toEqual([]);
  });
});
