import { RequestReader } from "@yunwei/otlp";
import { describe, expect, it } from "vitest";
import { attribute, gauge, proto } from "../otlp-request.test-data.ts";
import { CardinalityGuard } from "./cardinality-guard.ts";

const DAY_MS = 86_400_000;

describe("the guard of cardinality", () => {
  it("counts by metric and token, and begins anew each day", () => {
    let nowMs = 10 * DAY_MS;
    const guard = new CardinalityGuard(2, () => nowMs);
    const admitted = () => [guard.admit("m", "a"), guard.admit("m", "a"), guard.admit("m", "a"), guard.admit("m", "b"), guard.admit("n", "a")];
    expect(admitted()).toEqual([true, true, false, true, true]);
    expect(guard.guarded()).toEqual([{ source: "a", metric: "m", refusedPoints: 1 }]);
    nowMs += DAY_MS;
    expect(guard.guarded()).toEqual([{ source: "a", metric: "m", refusedPoints: 1 }]);
    expect(admitted()).toEqual([true, true, false, true, true]);
  });

  it("leaves the points of further series out, in whatever order their labels come, and no others", () => {
    const reader = new RequestReader(1, { guard: new CardinalityGuard(3, () => DAY_MS) });
    const identity = { source: "city", site: "", tier: "", department: "", receivedMs: Number.NaN };
    const point = (...labels: [string, string][]) => ({
      timeUnixNano: "1700000000000000000",
      asDouble: 1,
      attributes: labels.map(([key, value]) => attribute(key, value)),
    });
    const decode = (points: object[]) => reader.decode("metrics", proto("metrics", gauge("guarded", points)), identity);
    const first = decode([0, 1, 2, 3, 4].map((i) => point(["a", `${i}`], ["b", "x"])));
    expect([first.numbers.count, first.rejected, first.problem]).toEqual([3, 2, expect.stringContaining("too many new series of this metric today")]);
    const again = decode([2, 1, 0, 5].map((i) => point(["b", "x"], ["a", `${i}`])));
    expect([again.numbers.count, again.rejected]).toEqual([3, 1]);
    expect([...again.numbers.series.subarray(0, 3)]).toEqual([2, 1, 0]);
    const other = reader.decode("metrics", proto("metrics", gauge("other", [point(["a", "9"])])), { ...identity, source: "town" });
    expect([other.numbers.count, other.rejected]).toEqual([1, 0]);
  });
});
