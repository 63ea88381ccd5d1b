import { describe, expect, it } from "vitest";
import { SourceClock } from "./source-clock.ts";
import { SourceClocks } from "./source-clocks.ts";

/** Process time, and event time of what is replayed. */
const T = 1_700_000_000_000;
const E = T - 86_400_000;

/** Lets reporters report every 15 s, `tempo` times as fast as the process clock. */
function play(clock: SourceClock, from: number, rounds: number, reporters: readonly number[], nowFrom = T, tempo = 1): number {
  let nowMs = nowFrom;
  for (let i = 0; i < rounds; i++) {
    nowMs = nowFrom + (i * 15_000) / tempo;
    for (const reporter of reporters) clock.hear(0, reporter, from + i * 15_000, nowMs);
    clock.advance(nowMs);
  }
  return nowMs;
}

describe("SourceClock", () => {
  it("stands where its reporters are", () => {
    const clock = new SourceClock();
    play(clock, T, 10, [1, 2, 3, 4]);
    expect(clock.watermarkMs).toBe(T + 9 * 15_000);
    expect(clock.speaking).toBe(true);
  });

  it("is not moved by one wild clock, be it an hour ahead or a year", () => {
    const clock = new SourceClock();
    const nowMs = play(clock, T - 7_200_000, 10, [1, 2, 3]);
    for (const ahead of [3_600_000, 31_536_000_000]) clock.hear(0, 9, T + ahead - 7_200_000, nowMs);
    expect(clock.advance(nowMs)).toBeLessThanOrEqual(T - 7_200_000 + 9 * 15_000);
  });

  it("goes on when all but one of its reporters are gone", () => {
    const clock = new SourceClock();
    play(clock, E, 10, [1, 2, 3], T, 60);
    play(clock, E + 150_000, 30, [3], T + 2500, 60);
    expect(clock.watermarkMs).toBe(E + 150_000 + 29 * 15_000);
  });

  it("waits for the slower of two partitions", () => {
    const clock = new SourceClock();
    clock.hear(0, 1, T + 3_600_000, T + 3_600_000);
    clock.hear(1, 2, T, T + 3_600_000);
    expect(clock.advance(T + 3_600_000)).toBe(T);
  });

  it("moves on with the process clock after 30 s of silence", () => {
    const clock = new SourceClock();
    const nowMs = play(clock, T, 10, [1, 2, 3]);
    const before = clock.watermarkMs;
    expect(clock.advance(nowMs + 29_000)).toBe(before);
    expect(clock.advance(nowMs + 100_000)).toBe(before + 70_000);
    expect(clock.advance(nowMs + 130_000)).toBe(before + 100_000);
    expect(clock.speaking).toBe(false);
  });

  it("takes a leap for the source coming back", () => {
    const clock = new SourceClock();
    const nowMs = play(clock, T, 10, [1]);
    clock.hear(0, 1, T + 3_600_000, nowMs + 3_600_000);
    clock.advance(nowMs + 3_600_000);
    expect(clock.resumedMs).toBe(T + 3_600_000);
  });

  it("stands where it stood after a restart, with nobody silent", () => {
    const clock = new SourceClock();
    play(clock, T, 10, [1, 2, 3]);
    const restored = SourceClock.restore(clock.state(), T + 9_999_999);
    expect(restored.advance(T + 9_999_999)).toBe(clock.watermarkMs);
  });
});

describe("SourceClocks", () => {
  const names = ["a", "b", "c", "d"];

  /** Four sites at 60 times live; from `silentFrom` on, "a" says nothing. */
  function sites(rounds: number, silentFrom: number): SourceClocks {
    const clocks = new SourceClocks();
    for (let i = 0; i < rounds; i++) {
      const nowMs = T + i * 250;
      for (const name of names) if (name !== "a" || i < silentFrom) clocks.of(name).hear(0, 1, E + i * 15_000 + (name === "a" ? 700_000 : 0), nowMs);
      clocks.advanceAll(nowMs);
    }
    return clocks;
  }

  it("lets a silent site go on as its peers do, in its own time", () => {
    const clocks = sites(100, 60);
    const own = E + 700_000;
    expect(clocks.of("a").watermarkMs).toBeGreaterThan(own + 95 * 15_000);
    expect(clocks.of("a").watermarkMs).toBeLessThan(own + 100 * 15_000);
    expect(clocks.of("a").speaking).toBe(false);
  });

  it("does not let a replay make a live source look silent", () => {
    const clocks = sites(100, 100);
    clocks.of("live").hear(0, 5, T + 1000, T + 100 * 250);
    clocks.advanceAll(T + 25_000);
    clocks.of("live").hear(0, 5, T + 1000 + 15_000, T + 25_000 + 15_000);
    clocks.advanceAll(T + 40_000);
    const before = clocks.of("live").watermarkMs;
    for (let i = 0; i < 60; i++) {
      for (const name of names) clocks.of(name).hear(0, 1, E + (100 + i) * 15_000, T + 40_000 + i * 250);
      clocks.advanceAll(T + 40_000 + i * 250);
    }
    expect(clocks.of("live").watermarkMs).toBe(before);
  });
});
