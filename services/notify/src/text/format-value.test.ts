import { describe, expect, it } from "vitest";
import { EN } from "../messages/en.ts";
import { ZH } from "../messages/zh.ts";
import { beijingClock, beijingDateTime } from "./beijing-time.ts";
import { formatDuration, formatPercent, formatValue } from "./format-value.ts";

describe("formatValue", () => {
  it.each([
    [2.347, "s", "yunwei.service.duration", "2.35 s"],
    [0.18, "s", "yunwei.service.duration", "180 ms"],
    [0.0000042, "s", "yunwei.link.rtt", "4.2 µs"],
    [0, "s", "yunwei.link.rtt", "0 s"],
    [1234, "ms", "latency", "1.23 s"],
    [90, "s", "process.uptime", "90 s"],
    [600, "s", "process.uptime", "10 min"],
    [7200, "s", "process.uptime", "2 h"],
    [1_036_800, "s", "yunwei.tls.certificate.remaining", "12 d"],
    [-86_400, "s", "yunwei.tls.certificate.remaining", "-1 d"],
    [0.031, "1", "yunwei.service.error_ratio", "3.1 %"],
    [0.9734, "1", "system.filesystem.utilization", "97.3 %"],
    [97.34, "%", "disk_used_percent", "97.3 %"],
    [3_435_973_837, "By", "process.memory.usage", "3.2 GB"],
    [512, "By", "process.memory.usage", "512 B"],
    [1_048_576, "By/s", "system.network.io", "1 MB/s"],
    [4200, "W", "yunwei.rack.power", "4.2 kW"],
    [45, "{lock}", "db.lock.waiting", "45"],
    [123.456, "{request}/s", "rate", "123/s"],
    [120, "1/s", "yunwei.service.rate", "120/s"],
    [12_345.6, "1", "some.count", "12,346"],
    [36.6, "Cel", "temperature", "36.6 Cel"],
    [Number.NaN, "s", "x", "no data"],
  ])("%d %s of %s is %s", (value, unit, metric, want) => {
    expect(formatValue(value, unit, metric, EN)).toBe(want);
  });
});

describe("formatDuration and formatPercent", () => {
  it.each([
    [-5, "0 分钟"],
    [59_999, "0 分钟"],
    [60_000, "1 分钟"],
    [3_600_000, "1 小时"],
    [4_620_000, "1 小时 17 分钟"],
    [172_800_000, "2 天"],
  ])("%d ms is %s", (ms, want) => {
    expect(formatDuration(ms, ZH)).toBe(want);
  });

  it("never rounds up to certainty", () => {
    expect([0, 0.004, 0.876, 0.999, 1].map(formatPercent)).toEqual(["0%", "0%", "88%", "99%", "100%"]);
  });
});

describe("Beijing time", () => {
  it("is eight hours ahead of UTC, over midnight and the year's end", () => {
    expect(beijingDateTime(Date.parse("2026-06-18T06:03:20Z"))).toBe("06-18 14:03:20");
    expect(beijingDateTime(Date.parse("2026-12-31T16:00:00Z"))).toBe("01-01 00:00:00");
    const noon = Date.parse("2026-06-18T04:00:00Z");
    expect(beijingClock(Date.parse("2026-06-18T15:59:59Z"), noon)).toBe("23:59");
    expect(beijingClock(Date.parse("2026-06-18T16:00:00Z"), noon)).toBe("06-19 00:00");
  });
});
