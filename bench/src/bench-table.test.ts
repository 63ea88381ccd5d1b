import { describe, expect, it } from "vitest";
import { atLeast, atMost, informative } from "./bench-row.ts";
import { benchTable } from "./bench-table.ts";
import { BENCHES } from "./benches.ts";

describe("bench rows", () => {
  it.each([
    { row: atLeast("a", 30, "x", 30), target: ">= 30", holds: true },
    { row: atLeast("a", 29.9, "x", 30), target: ">= 30", holds: false },
    { row: atLeast("a", Number.NaN, "x", 30), target: ">= 30", holds: false },
    { row: atMost("a", 2, "x", 2), target: "<= 2", holds: true },
    { row: atMost("a", Number.NaN, "x", 2), target: "<= 2", holds: false },
    { row: informative("a", 5, "s"), target: null, holds: null },
  ])("$row.target of $row.value holds: $holds", ({ row, target, holds }) => {
    expect(row).toMatchObject({ target, holds });
    expect(Object.keys(row)).toEqual(["name", "value", "unit", "target", "holds"]);
  });
});

describe("benchTable", () => {
  it("lines up figures, and says plainly what does not hold", () => {
    const rows = [
      informative("points", 1234567.8, "{point}/s"),
      atLeast("ratio", 4.2149, "x", 30),
      atLeast("right", 1, "1", 1),
      informative("gone", Number.NaN, "s"),
    ];
    expect(benchTable(rows)).toBe(
      [
        "figure      value  unit       target  holds",
        "------  ---------  ---------  ------  -----",
        "points  1,234,568  {point}/s",
        "ratio        4.21  x          >= 30   NO",
        "right           1  1          >= 1    yes",
        "gone            -  s",
      ].join("\n"),
    );
  });
});

describe("BENCHES", () => {
  it("have names of their own", () => {
    expect(new Set(BENCHES.map(({ name }) => name)).size).toBe(BENCHES.length);
  });
});
