import type { HistogramColumns } from "./columns.ts";
import { growColumns } from "./grow.ts";
import type { PointFrame } from "./point-frame.ts";

const FLAG_NO_RECORDED_VALUE = 1;

/** Adds the row of the point in hand unless `series` is -1; the columns of exponential ones are 0. @returns the row, or -1 */
export function putHistogram(
  frame: PointFrame,
  columns: HistogramColumns,
  series: number,
  observations: number,
  sum: number,
  min: number,
  max: number,
  bucketFrom: number,
  bucketTo: number,
): number {
  if (series < 0) return -1;
  // The series has stopped: there is no measurement to keep (its table has no flags).
  if ((frame.flags & FLAG_NO_RECORDED_VALUE) !== 0) {
    frame.unrecorded++;
    return -1;
  }
  const row = columns.count;
  if (row === columns.series.length) growColumns(columns, row + 1);
  columns.series[row] = series;
  columns.timeMs[row] = frame.timeMs;
  columns.startMs[row] = frame.startMs;
  columns.observations[row] = observations;
  columns.sum[row] = sum;
  columns.min[row] = min;
  columns.max[row] = max;
  columns.temporality[row] = frame.temporality;
  columns.bucketFrom[row] = bucketFrom;
  columns.bucketTo[row] = bucketTo;
  columns.exponential[row] = 0;
  columns.scale[row] = 0;
  columns.zeroCount[row] = 0;
  columns.zeroThreshold[row] = 0;
  columns.positiveOffset[row] = 0;
  columns.negativeOffset[row] = 0;
  columns.negativeFrom[row] = 0;
  columns.negativeTo[row] = 0;
  columns.count = row + 1;
  return row;
}
