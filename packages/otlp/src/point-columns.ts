import type { HistogramColumns, NumberColumns } from "./columns.ts";
import type { CountPool } from "./metric-columns.ts";
import type { PointFrame } from "./point-frame.ts";

/** The columns that points go to. */
export interface PointColumns {
  readonly frame: PointFrame;
  readonly numbers: NumberColumns;
  readonly histograms: HistogramColumns;
  readonly buckets: CountPool;
}

/** How many points there were before a ResourceMetrics, and how many of them were read as encoders write them. */
export interface PointMarks {
  readonly numbers: number;
  readonly histograms: number;
  readonly knownNumbers: number;
  readonly knownHistograms: number;
}

export function marksOf({ frame: { places }, numbers, histograms }: PointColumns): PointMarks {
  return { numbers: numbers.count, histograms: histograms.count, knownNumbers: places.numberRows, knownHistograms: places.histogramRows };
}
