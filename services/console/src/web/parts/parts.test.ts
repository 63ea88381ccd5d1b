import { describe, expect, it } from "vitest";
import { chartOption, escapeHtml } from "./chart-option.ts";
import { clockReading } from "./clock-reading.ts";

describe("clockReading", () => {
  const clock = { targetMs: 60_000, elapsedMs: 20_000, state: "running", breached: false } as const;
  it.each([
    [clock, 0, "left", 40_000],
    [clock, 30_000, "left", 10_000],
    [clock, 50_000, "over", 10_000],
    [clock, -5_000, "left", 40_000],
    [{ ...clock, state: "paused" } as const, 99_000, "paused", 40_000],
    [{ ...clock, state: "stopped" } as const, 99_000, "met", 20_000],
    [{ ...clock, state: "stopped", breached: true, elapsedMs: 70_000 } as const, 0, "missed", 70_000],
  ] as const)("%j read %i ms ago is %s", (read, since, state, ms) => {
    expect(clockReading(read, since)).toEqual({ state, ms });
  });
});

describe("chartOption", () => {
  const facts = {
    lines: [
      {
        name: "<img src=x onerror=alert(1)>",
        points: [
          [0, 1],
          [60_000, null],
        ] as const,
      },
    ],
    fromMs: 0,
    untilMs: 120_000,
    format: (value: number | null) => `${value} <b>`,
    level: { value: 2, name: "normal 2" },
    moment: { ms: 30_000, name: "began" },
  };

  it("shows the whole window, gaps as gaps, what is normal and when it began", () => {
    const option = chartOption(facts, "light");
    expect(option.xAxis).toMatchObject({ min: 0, max: 120_000 });
    expect(option.series[0]).toMatchObject({
      data: [
        [0, 1],
        [60_000, null],
      ],
      connectNulls: false,
      markLine: { data: [{ yAxis: 2 }, { xAxis: 30_000 }] },
    });
    expect(option.xAxis.axisLabel.formatter(0)).toBe("08:00");
    expect(option.yAxis.max({ max: 0 })).toBe(1);
    expect(option.yAxis.max({ max: 5 })).toBeNull();
  });

  it("lets no name of telemetry become HTML", () => {
    const html = chartOption(facts, "dark").tooltip.formatter([{ seriesName: facts.lines[0]!.name, value: [0, 1], marker: "" }]);
    expect(html).not.toContain("<img");
    expect(html).not.toContain("1 <b>");
    expect(escapeHtml(`<a href="x">&'`)).toBe("&#60;a href=&#34;x&#34;&#62;&#38;&#39;");
  });
});
