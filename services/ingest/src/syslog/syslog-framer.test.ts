import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FramingError, MAX_LINE_BYTES, SyslogFramer } from "./syslog-framer.ts";

/** Feeds `stream` in pieces of the given sizes, over and over. */
function frames(stream: Buffer, sizes: readonly number[]): { lines: string[]; cut: number } {
  const lines: string[] = [];
  let cut = 0;
  const framer = new SyslogFramer((line, isCut) => {
    lines.push(Buffer.from(line).toString("latin1"));
    if (isCut) cut++;
  });
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    framer.push(stream.subarray(at, at + size));
    at += size;
  }
  framer.end();
  return { lines, cut };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const texts = fc.array(
  fc.string({ minLength: 1, maxLength: 60, unit: "binary-ascii" }).map((text) => `<13>${text}`),
  { minLength: 1, maxLength: 20 },
);

describe("octet counting", () => {
  it("gives the messages whatever the pieces, line ends inside of them included", () => {
    fc.assert(
      fc.property(texts, sizes, fc.boolean(), (messages, pieces, withLineEnds) => {
        const stream = messages.map((text) => `${text.length} ${text}${withLineEnds ? "\n" : ""}`).join("");
        expect(frames(Buffer.from(stream, "latin1"), pieces).lines).toEqual(messages);
      }),
    );
  });

  it("cuts a message of more than 64 KiB and goes on behind it", () => {
    const long = `<13>${"x".repeat(MAX_LINE_BYTES)}`;
    const { lines, cut } = frames(Buffer.from(`${long.length} ${long}5 <13>a`), [10_000]);
    expect([lines.map((line) => line.length), cut]).toEqual([[MAX_LINE_BYTES, 5], 1]);
  });

  it("marks a message that the end of the connection cut short", () => {
    expect(frames(Buffer.from("10 <13>ab"), [3])).toEqual({ lines: ["<13>ab"], cut: 1 });
  });

  it.each(["5 <13>aX <13>b", "5 <13>a0 <13>b", "5 <13>a12345678 <13>b", "5 <13>a <13>b"])("ends %j where a count is none", (stream) => {
    expect(() => frames(Buffer.from(stream), [100])).toThrow(FramingError);
  });
});

describe("lines", () => {
  it("gives the lines whatever the pieces", () => {
    const lines = texts.map((all) => all.map((text) => text.replaceAll("\n", " ")));
    fc.assert(
      fc.property(lines, sizes, (wanted, pieces) => {
        expect(frames(Buffer.from(`${wanted.join("\n")}\n`, "latin1"), pieces).lines).toEqual(wanted);
      }),
    );
  });

  it("cuts a line of more than 64 KiB and goes on behind it", () => {
    const { lines, cut } = frames(Buffer.from(`${"x".repeat(3 * MAX_LINE_BYTES)}\n<13>a`), [10_000]);
    expect([lines.map((line) => line.length), cut]).toEqual([[MAX_LINE_BYTES, 5], 1]);
  });

  it.each(["2026 is a year", "0 <13>a", "12345678 <13>a", "12 a", "7"])("takes %j for one", (line) => {
    expect(frames(Buffer.from(line), [1]).lines).toEqual([line]);
  });
});

it("takes any bytes, and gives no message of more than 64 KiB", () => {
  const stream = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom("5 <13>a", "9999999 <", "1", " ", "<", "\n", "\0", "x"), { maxLength: 60 }).map((all) => Buffer.from(all.join(""))),
  );
  fc.assert(
    fc.property(stream, sizes, (bytes, pieces) => {
      try {
        for (const line of frames(Buffer.from(bytes), pieces).lines) expect(line.length).toBeLessThanOrEqual(MAX_LINE_BYTES);
      } catch (error) {
        expect(error).toBeInstanceOf(FramingError);
      }
    }),
    { numRuns: 500 },
  );
});
