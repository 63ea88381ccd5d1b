import { LineChart as EChartsLine } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { usePreferences } from "../preferences.ts";
import { type ChartFacts, chartOption } from "./chart-option.ts";

use([EChartsLine, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

/** Lines over time, drawn as SVG text. Read aloud by its label; the figures themselves are in the text beside it. */
export function LineChart({ label, ...facts }: ChartFacts & { readonly label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const { theme } = usePreferences();
  useEffect(() => {
    const made = init(place.current!, undefined, { renderer: "svg" });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(place.current!);
    return () => {
      observer.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(chartOption(facts, theme), { notMerge: true });
  });
  return <div ref={place} className="chart-place" role="img" aria-label={label} />;
}
