import { axisTime, fullTime } from "../format/time.ts";
import { tickStep } from "./tick-step.ts";

export interface ChartLine {
  readonly name: string;
  readonly points: readonly (readonly [timeMs: number, value: number | null])[];
}

/** What a chart shows. */
export interface ChartFacts {
  readonly lines: readonly ChartLine[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** A value with its unit. */
  readonly format: (value: number | null) => string;
  /** UCUM unit of the values: bytes and times have ticks of their own. */
  readonly unit: string;
  /** A level across, e.g. what is normal. */
  readonly level?: { readonly value: number; readonly name: string };
  /** A moment, e.g. the onset. */
  readonly moment?: { readonly ms: number; readonly name: string };
}

/** Told apart by people who see colours differently too (Okabe and Ito, 2008), darkened or lightened for the ground. */
const PALETTE = {
  light: ["#0b5fc0", "#b34700", "#00765a", "#9c2f78", "#6b5d00", "#3d6f8e", "#8a3b12", "#4b4fb0"],
  dark: ["#7fb0ff", "#ffae5c", "#4fd8b4", "#f09ad0", "#e6d35a", "#8fd0f0", "#f0a080", "#b0b4ff"],
} as const;
const INK = {
  light: { text: "#526070", line: "#d5dce5", mark: "#7a2f00", bad: "#b91c2b", ground: "#ffffff", strong: "#1b2430" },
  dark: { text: "#9fb0c3", line: "#2c3848", mark: "#ffc48a", bad: "#ff8a92", ground: "#1c2633", strong: "#e6ebf2" },
} as const;

/** The chart's option object. Pure: times in Beijing whatever the browser's zone. */
export function chartOption(facts: ChartFacts, theme: "light" | "dark") {
  const ink = INK[theme];
  const spanMs = facts.untilMs - facts.fromMs;
  const marks = marksOf(facts, ink);
  return {
    animation: false,
    color: [...PALETTE[theme]],
    grid: { left: 8, right: 16, top: 26, bottom: 4, outerBoundsMode: "same" as const, outerBoundsContain: "axisLabel" as const },
    tooltip: {
      trigger: "axis" as const,
      confine: true,
      backgroundColor: ink.ground,
      borderColor: ink.line,
      textStyle: { color: ink.strong, fontSize: 12 },
      axisPointer: { label: { show: false } },
      formatter: (items: unknown) => tooltipOf(items as readonly TooltipItem[], facts),
    },
    xAxis: {
      type: "time" as const,
      min: facts.fromMs,
      max: facts.untilMs,
      axisLabel: { color: ink.text, hideOverlap: true, formatter: (ms: number) => axisTime(ms, spanMs) },
      axisLine: { lineStyle: { color: ink.line } },
      splitLine: { show: false },
      splitNumber: 6,
    },
    yAxis: {
      type: "value" as const,
      ...ticksOf(facts),
      axisLabel: { color: ink.text, formatter: (value: number) => facts.format(value) },
      splitLine: { lineStyle: { color: ink.line } },
    },
    series: facts.lines.map((line, index) => ({
      type: "line" as const,
      name: line.name,
      data: line.points.map(([ms, value]) => [ms, value]),
      showSymbol: line.points.length < 3,
      connectNulls: false,
      lineStyle: { width: 1.8 },
      emphasis: { disabled: true },
      ...(index === 0 && marks !== undefined ? { markLine: marks } : {}),
    })),
  };
}

/** Round ticks in the unit people read, where powers of ten would give `3.73 GiB`. */
function ticksOf({ lines, level, unit }: ChartFacts) {
  let highest = level?.value ?? 0;
  let lowest = Math.min(0, highest);
  for (const { points } of lines) {
    for (const [, value] of points) {
      if (value === null) continue;
      highest = Math.max(highest, value);
      lowest = Math.min(lowest, value);
    }
  }
  // A line of zeros would else be drawn on an axis of any height.
  if (highest === 0 && lowest === 0) return { max: 1, splitNumber: 4 };
  const interval = lowest < 0 ? undefined : tickStep(highest, unit);
  return interval === undefined ? { splitNumber: 4 } : { interval, min: 0, max: Math.ceil(highest / interval) * interval };
}

function marksOf({ level, moment }: ChartFacts, ink: (typeof INK)["light" | "dark"]) {
  const data = [
    ...(level === undefined
      ? []
      : [
          {
            yAxis: level.value,
            lineStyle: { color: ink.mark, type: "dashed" as const },
            label: { formatter: level.name, position: "insideEndTop" as const, color: ink.mark },
          },
        ]),
    ...(moment === undefined
      ? []
      : [
          {
            xAxis: moment.ms,
            lineStyle: { color: ink.bad, type: "solid" as const },
            label: { formatter: moment.name, position: "end" as const, color: ink.bad },
          },
        ]),
  ];
  return data.length === 0 ? undefined : { symbol: "none", silent: true, data, animation: false };
}

interface TooltipItem {
  readonly seriesName: string;
  readonly value: readonly [number, number | null];
  readonly marker: string;
}

/** HTML of the tooltip. Names come from telemetry: they are escaped. */
function tooltipOf(items: readonly TooltipItem[], { format }: ChartFacts): string {
  const first = items[0];
  if (first === undefined) return "";
  const rows = items.map((item) => `${item.marker}${escapeHtml(item.seriesName)} <b>${escapeHtml(format(item.value[1]))}</b>`);
  return [fullTime(first.value[0]), ...rows].join("<br>");
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
