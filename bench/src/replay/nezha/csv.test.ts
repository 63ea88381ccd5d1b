import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsv } from "./csv.ts";

describe("parseCsv", () => {
  it.each([
    { case: "plain cells", text: "a,b\n1,2\n", want: [["1", "2"]] },
    { case: "no line end at the end", text: "a,b\n1,2", want: [["1", "2"]] },
    { case: "Windows line ends and empty lines", text: "a,b\r\n\r\n1,2\r\n", want: [["1", "2"]] },
    { case: "quotes, commas and line ends in a cell", text: 'a,b\n"x ""y"", z\nw",2\n', want: [['x "y", z\nw', "2"]] },
    { case: "a short row", text: "a,b\n1\n", want: [["1", ""]] },
    { case: "an empty last cell", text: "a,b\n1,", want: [["1", ""]] },
    { case: "a quote that never ends", text: 'a,b\n1,"open', want: [["1", "open"]] },
  ])("reads $case", ({ text, want }) => {
    expect(parseCsv(text)).toEqual({ columns: ["a", "b"], rows: want });
  });

  it("reads back what was quoted", () => {
    const cell = fc.string({ maxLength: 8 }).map((text) => text.replaceAll("\r", ""));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
        const text = [["a", "b"], ...rows].map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",")).join("\n");
        expect(parseCsv(text).rows).toEqual(rows);
      }),
    );
  });
});
