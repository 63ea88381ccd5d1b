import type { SummaryColumns } from "./columns.ts";
import { growColumns } from "./grow.ts";
import type { QuantilePool } from "./metric-columns.ts";
import type { PointFrame } from "./point-frame.ts";
import type { MetricHeader } from "./series-table.ts";
import type { Wire } from "./wire.ts";

/*
 * SummaryDataPoint { 2 start, 3 time, 4 count, 5 sum, 6 quantiles { 1 quantile, 2 value }, 7 attributes, 8 flags }
 */

/** Reads the SummaryDataPoint `[pos, end)` into `columns` and its quantiles into `pool`. */
export function readSummaryPoint(frame: PointFrame, end: number, header: MetricHeader, columns: SummaryColumns, pool: QuantilePool): void {
  const { wire } = frame;
  let observations = 0;
  let sum = 0;
  const from = pool.length;
  while (wire.next(end)) {
    switch (wire.field) {
      case 4:
        wire.fixed64(end);
        observations = wire.unsigned();
        break;
      case 5:
        sum = wire.double(end);
        break;
      case 6:
        readQuantile(wire, wire.sliceEnd(end), pool);
        break;
      case 7:
        frame.attribute(end);
        break;
      default:
        frame.times(end);
    }
  }
  const series = frame.accept(header);
  if (series < 0) return;
  const row = columns.count;
  if (row === columns.series.length) growColumns(columns, row + 1);
  columns.series[row] = series;
  columns.timeMs[row] = frame.timeMs;
  columns.observations[row] = observations;
  columns.sum[row] = sum;
  columns.from[row] = from;
  columns.to[row] = pool.length;
  columns.count = row + 1;
}

function readQuantile(wire: Wire, end: number, pool: QuantilePool): void {
  let quantile = 0;
  let value = 0;
  while (wire.next(end)) {
    if (wire.field === 1) quantile = wire.double(end);
    else if (wire.field === 2) value = wire.double(end);
    else wire.skip(end);
  }
  pool.push(quantile, value);
}
