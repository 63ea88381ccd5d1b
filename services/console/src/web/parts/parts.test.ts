import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartOption, escapeHtml } from "./chart-option.ts";
import { clockReading } from "./clock-reading.ts";
import { tickStep } from "./tick-step.ts";

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

describe("ticks", () => {
  it.each([
    [3.05 * 1024 ** 3, "By", 1024 ** 3],
    [800 * 1024, "By/s", 200 * 1024],
    [28 * 86_400, "s", 10 * 86_400],
    [2.3, "s", 1],
    [0.571, "s", 0.2],
    [90, "s", 30],
    [5, "1", undefined],
    [0, "s", undefined],
  ])("of an axis to %d %s are %s apart", (highest, unit, step) => {
    const got = tickStep(highest, unit);
    if (step === undefined) expect(got).toBeUndefined();
    else expect(got).toBeCloseTo(step, 9);
  });

  it("law: three to six of them reach the highest value", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), fc.constantFrom("By", "s"), (highest, unit) => {
        const count = Math.ceil(highest / tickStep(highest, unit)!);
        return count >= 1 && count <= 6;
      }),
    );
  });

  it("start at 0, and are left to the chart when values go below", () => {
    const base = { fromMs: 0, untilMs: 1, format: String, unit: "By" };
    expect(chartOption({ ...base, lines: [{ name: "", points: [[0, 3 * 1024 ** 3]] }] }, "light").yAxis).toMatchObject({
      min: 0,
      interval: 1024 ** 3,
      max: 3 * 1024 ** 3,
    });
    expect(chartOption({ ...base, lines: [{ name: "", points: [[0, -5]] }] }, "light").yAxis).not.toHaveProperty("interval");
    expect(chartOption({ ...base, lines: [{ name: "", points: [[0, 0]] }] }, "light").yAxis).toMatchObject({ max: 1 });
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
    unit: "1",
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
  });

  it("lets no name of telemetry become HTML", () => {
    const html = chartOption(facts, "dark").tooltip.formatter([{ seriesName: facts.lines[0]!.name, value: [0, 1], marker: "" }]);
    expect(html).not.toContain("<img");
    expect(html).not.toContain("1 <b>");
    expect(escapeHtml(`<a href="x">&'`)).toBe("&#60;a href=&#34;x&#34;&#62;&#38;&#39;");
  });
});
