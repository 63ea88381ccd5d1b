import { describe, expect, it } from "vitest";
import { paceOf } from "./pace.ts";
import { parseReplayOptions } from "./replay-options.ts";

describe("parseReplayOptions", () => {
  it("takes everything by default", () => {
    expect(parseReplayOptions([])).toMatchObject({ path: undefined, speed: undefined, namespaces: ["hipster", "ts"], cases: undefined, resume: false });
  });

  it("reads what is given", () => {
    const argv = ["folder", "--speed", "10", "--namespace", "ts", "--case", "1, 2023-01-29 08:43:04", "--data", "d", "--resume", "--format", "otlp"];
    expect(parseReplayOptions(argv)).toMatchObject({
      path: "folder",
      speed: 10,
      namespaces: ["ts"],
      cases: ["1", "2023-01-29 08:43:04"],
      data: "d",
      resume: true,
      format: "otlp",
    });
  });

  it.each([
    { argv: ["--speed", "fast"], want: /--speed fast/ },
    { argv: ["--speed", "0"], want: /--speed 0/ },
    { argv: ["--namespace", "boutique"], want: /--namespace boutique/ },
    { argv: ["--format", "csv"], want: /--format csv/ },
    { argv: ["--resume"], want: /--data/ },
    { argv: ["a", "b"], want: /one folder or file/ },
    { argv: ["--wrong"], want: /--wrong/ },
  ])("refuses $argv", ({ argv, want }) => {
    expect(() => parseReplayOptions(argv)).toThrow(want);
  });
});

describe("paceOf", () => {
  it("holds events back by their time, and never when told max", () => {
    expect(paceOf(10, 1_000, 0).waitMs(61_000, 2_000)).toBe(4_000);
    expect(paceOf(10, 1_000, 0).waitMs(61_000, 9_000)).toBe(0);
    expect(paceOf(undefined, 1_000, 0).waitMs(61_000, 0)).toBe(0);
  });
});
