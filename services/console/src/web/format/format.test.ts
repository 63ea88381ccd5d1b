import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration } from "./duration.ts";
import { axisTime, fullTime, msOfNano, ofLocalField, shortTime, toLocalField } from "./time.ts";
import { formatPercent, formatValue } from "./value.ts";

const unit = (name: string): string => name;
const NOON = Date.UTC(2026, 10, 26, 4); // 12:00 in Beijing

describe("values", () => {
  it.each([
    [0.973, "1", "system.cpu.utilization", "97.3 %"],
    [0.31, "", "yunwei.service.error_ratio", "31 %"],
    [1.2, "1", "process.cpu.utilization", "120 %"],
    [45, "{lock}", "db.lock.waiting", "45"],
    [12, "%", "disk.used.percent", "12 %"],
    [0.18, "s", "yunwei.service.duration", "180 ms"],
    [2.347, "s", "yunwei.service.duration", "2.35 s"],
    [2.5e-5, "s", "x", "25 µs"],
    [180, "ms", "x", "180 ms"],
    [86_400 * 12, "s", "yunwei.tls.certificate.remaining", "12 d"],
    [-7200, "s", "yunwei.tls.certificate.remaining", "-2 h"],
    [3 * 1024 ** 3, "By", "process.memory.usage", "3 GiB"],
    [1536, "By/s", "system.network.io", "1.5 KiB/s"],
    [4200, "W", "yunwei.rack.power", "4.2 kW"],
    [12.345, "1/s", "yunwei.service.rate", "12.3/s"],
    [3, "{error}/s", "system.network.errors", "3/s"],
    [1234567, "1", "some.count", "1,234,567"],
    [0, "s", "x", "0 s"],
  ])("%d %s of %s is %s", (value, unitName, metric, text) => {
    expect(formatValue(value, unitName, metric, unit)).toBe(text);
  });

  it("says nothing of what is no number", () => {
    for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY]) expect(formatValue(value, "s", "x", unit)).toBeUndefined();
  });

  it("law: any finite value of any unit has a text without NaN or exponent confusion", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom("", "1", "s", "By", "%", "{x}", "W", "Cel"), (value, unitName) => {
        const text = formatValue(value, unitName, "system.cpu.utilization", unit);
        return text !== undefined && !text.includes("NaN") && text.length < 450;
      }),
    );
  });

  it.each([
    [0, "0%"],
    [0.004, "0%"],
    [0.87, "87%"],
    [0.999, "99%"],
    [1, "100%"],
  ])("%d is %s", (ratio, text) => expect(formatPercent(ratio)).toBe(text));
});

describe("durations", () => {
  it.each([
    [-5, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [125_000, "2 min 5 s"],
    [11 * 60_000 + 30_000, "11 min"],
    [3_600_000, "1 h"],
    [3_900_000, "1 h 5 min"],
    [49 * 3_600_000, "2 d"],
  ])("%d ms is %s", (ms, text) => expect(formatDuration(ms, unit)).toBe(text));
});

describe("times", () => {
  it("are Beijing's, whatever the zone of the machine", () => {
    expect(fullTime(Date.UTC(2026, 10, 25, 18, 3, 20))).toBe("2026-11-26 02:03:20");
    expect(fullTime(Date.UTC(2026, 10, 25, 16))).toBe("2026-11-26 00:00:00");
  });

  it("are as short as they stay clear", () => {
    expect(shortTime(NOON - 3_600_000, NOON)).toBe("11:00:00");
    expect(shortTime(NOON - 13 * 3_600_000, NOON)).toBe("11-25 23:00");
    expect(shortTime(Date.UTC(2022, 7, 22, 0, 0), NOON)).toBe("2022-08-22 08:00");
    expect(shortTime(Number.NaN, NOON)).toBe("");
    expect(axisTime(NOON, 3_600_000)).toBe("12:00");
    expect(axisTime(NOON, 7 * 86_400_000)).toBe("11-26 12:00");
  });

  it("survive a form field to the minute (China has had no summer time since 1991)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 694_224_000, max: 4_000_000_000 }), (seconds) => {
        const ms = seconds * 1000;
        return Date.parse(ofLocalField(toLocalField(ms))) === Math.floor(ms / 60_000) * 60_000;
      }),
    );
    for (const text of ["", "tomorrow", "2026-11-26"]) expect(ofLocalField(text)).toBe("");
  });

  it("come out of nanoseconds", () => expect(msOfNano("1781762600123456789")).toBe(1781762600123));
});
