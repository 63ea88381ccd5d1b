import { describe, expect, it } from "vitest";
import { slope } from "./slope.ts";

describe("slope", () => {
  it("is that of the line through the points", () => {
    expect(slope([0, 1, 2, 3].map((x) => [x, 7 - 3 * x] as const))).toBeCloseTo(-3, 12);
    expect(
      slope([
        [0, 0],
        [1, 2],
        [2, 1],
        [3, 3],
      ]),
    ).toBeCloseTo(0.8, 12);
  });

  it("is not a number where there is no line", () => {
    expect(slope([])).toBeNaN();
    expect(slope([[1, 5]])).toBeNaN();
    expect(
      slope([
        [1, 5],
        [1, 6],
      ]),
    ).toBeNaN();
  });
});
