import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseOtlpLine, shiftedBytes } from "./otlp-line.ts";

const NOW_MS = Date.UTC(2026, 10, 26);
const line = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value), "utf8");
const nano = (ms: number): string => `${ms}000000`;
const logs = (...times: (string | number)[]) => ({
  resourceLogs: [{ scopeLogs: [{ logRecords: times.map((timeUnixNano) => ({ timeUnixNano, body: { stringValue: "x" } })) }] }],
});

describe("parseOtlpLine", () => {
  it.each([
    { case: "metrics", value: { resourceMetrics: [] }, signal: "metrics" },
    { case: "spans", value: { resourceSpans: [] }, signal: "traces" },
    { case: "logs", value: logs(), signal: "logs" },
  ])("tells the signal of $case", ({ value, signal }) => {
    expect(parseOtlpLine(line(value), NOW_MS)).toMatchObject({ signal, newestMs: Number.NaN });
  });

  it.each([
    { case: "half a line", value: '{"resourceLogs":[', want: /not JSON/ },
    { case: "another document", value: { hello: 1 }, want: /no resourceMetrics/ },
    { case: "an array", value: [1], want: /not a JSON object/ },
    { case: "a field of the wrong kind", value: { resourceLogs: "x" }, want: /no resourceMetrics/ },
    { case: "a tower", value: `{"resourceLogs":${"[".repeat(200)}${"]".repeat(200)}}`, want: /nested/ },
  ])("says what is wrong with $case", ({ value, want }) => {
    expect(parseOtlpLine(line(value), NOW_MS)).toMatch(want);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(parseOtlpLine(Uint8Array.of(0x7b, 0xff, 0x7d), NOW_MS)).toMatch(/UTF-8/);
  });

  it("finds the oldest and the newest item, past broken clocks", () => {
    const request = parseOtlpLine(line(logs(nano(NOW_MS - 5000), "0", nano(NOW_MS - 1000), "18446744073709551615", "17")), NOW_MS);
    expect(request).toMatchObject({ oldestMs: NOW_MS - 5000, newestMs: NOW_MS - 1000 });
  });
});

describe("shiftedBytes", () => {
  const moved = (value: Record<string, unknown>, shiftMs: number): unknown => JSON.parse(shiftedBytes({ value }, shiftMs).toString("utf8"));

  it("moves every time and leaves unknown ones and look-alikes", () => {
    const span = {
      startTimeUnixNano: nano(1000),
      endTimeUnixNano: 2_000_000_000,
      attributes: [{ key: "timeUnixNano", value: { stringValue: nano(7) } }],
      timeUnixNano: "0",
    };
    expect(moved({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, 3000)).toEqual({
      resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, startTimeUnixNano: nano(4000), endTimeUnixNano: nano(5000) }] }] }],
    });
  });

  it("is undone by moving back, to the nanosecond", () => {
    const time = fc.bigInt({ min: 10n ** 18n, max: 2n * 10n ** 18n });
    fc.assert(
      fc.property(fc.array(time, { maxLength: 5 }), fc.integer({ min: -86_400_000, max: 86_400_000_000 }), (times, shiftMs) => {
        const value = logs(...times.map(String));
        const there = moved(structuredClone(value), shiftMs) as Record<string, unknown>;
        expect(moved(there, -shiftMs)).toEqual(value);
      }),
    );
  });
});
