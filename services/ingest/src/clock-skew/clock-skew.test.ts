import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SkewBook } from "./skew-book.ts";
import { SkewMeter, type SkewReading } from "./skew-meter.ts";

const START_MS = 1_700_000_040_000;
const END_MS = START_MS + 15 * 60_000 - 1;

/** A request every five seconds for a quarter of an hour. */
function read(leadMs: (second: number) => number): SkewReading {
  const meter = new SkewMeter();
  for (let second = 0; second < 900; second += 5) meter.note(START_MS + 1000 * second + leadMs(second), START_MS + 1000 * second);
  return meter.read(END_MS)!;
}
/** Delays of an exporter that gathers for ten seconds, and of a link that stutters: never less than nothing. */
const delay = (second: number) => (second * 7919) % 10_000;

describe("a sender's clock", () => {
  it("is known to be ahead, as far as the quickest of its data says", () => {
    expect(read((second) => 252_000 - delay(second))).toMatchObject({ verdict: "ahead", skewSeconds: expect.closeTo(252, -1) });
  });

  it.each([
    ["a good clock and a slow link", (second: number) => -delay(second), "steady"],
    ["a replay of an hour in five of the minutes", (second: number) => (second < 300 ? -3_600_000 + second * 10_000 : -delay(second)), "steady"],
    ["one machine far ahead in three of the minutes", (second: number) => (second % 300 < 60 ? 500_000 : -delay(second)), "steady"],
    ["data that is a quarter of an hour late all the time", (second: number) => -900_000 - delay(second), "behind"],
    ["a backlog that is worked off", (second: number) => -1_800_000 + second * 2_000, "unsure"],
  ])("with %s is %s", (_case, leadMs, verdict) => {
    expect(read(leadMs).verdict).toBe(verdict);
  });

  it("is never said to be ahead because of delays", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ atMs: fc.nat({ max: 900_000 }), delayMs: fc.nat({ max: 86_400_000 }) }), { minLength: 1, maxLength: 300 }),
        (requests) => {
          const meter = new SkewMeter();
          for (const { atMs, delayMs } of requests.sort((one, other) => one.atMs - other.atMs)) meter.note(START_MS + atMs - delayMs, START_MS + atMs);
          const reading = meter.read(END_MS);
          return reading === undefined || (reading.verdict !== "ahead" && reading.skewSeconds <= 0);
        },
      ),
    );
  });

  it("is not spoken of after little, nor after a quarter of an hour of silence", () => {
    const meter = new SkewMeter();
    expect(meter.read(START_MS)).toBeUndefined();
    meter.note(Number.NEGATIVE_INFINITY, START_MS);
    expect(meter.read(START_MS)).toBeUndefined();
    meter.note(START_MS + 60_000, START_MS);
    expect(meter.read(START_MS)).toMatchObject({ verdict: "unsure", skewSeconds: 60, samples: 1 });
    expect(meter.read(START_MS + 16 * 60_000)).toBeUndefined();
  });

  it("is told by token, site and signal", () => {
    const book = new SkewBook([{ id: "suzhou", sha256: "", site: "suzhou" }], () => START_MS);
    book.note("suzhou", "metrics", START_MS + 1000, START_MS);
    book.note("suzhou", "logs", START_MS - 1000, START_MS);
    book.note("local", "logs", START_MS, START_MS);
    expect(book.clocks(START_MS).map(({ source, site, signal, skewSeconds }) => [source, site, signal, skewSeconds])).toEqual([
      ["suzhou", "suzhou", "metrics", 1],
      ["suzhou", "suzhou", "logs", -1],
      ["local", "", "logs", 0],
    ]);
  });
});
