import type { NumberColumns } from "./columns.ts";
import { growColumns } from "./grow.ts";
import type { PointFrame } from "./point-frame.ts";
import type { MetricHeader } from "./series-table.ts";

/*
 * NumberDataPoint { 2 start, 3 time, 4 double, 5 exemplars, 6 int sfixed64, 7 attributes, 8 flags }
 */

const FLAG_NO_RECORDED_VALUE = 1;

/** Reads the NumberDataPoint `[pos, end)` into `columns`. */
export function readNumberPoint(frame: PointFrame, end: number, header: MetricHeader, columns: NumberColumns): void {
  const { wire } = frame;
  let value = Number.NaN;
  while (wire.next(end)) {
    switch (wire.field) {
      case 3:
        wire.fixed64(end);
        frame.timeMs = wire.nanosAsMs();
        break;
      case 4:
        value = wire.double(end);
        break;
      case 5:
        frame.exemplar(end);
        break;
      case 6:
        wire.fixed64(end);
        value = wire.signed();
        break;
      case 7:
        frame.attribute(end);
        break;
      case 8:
        frame.flags = wire.number(end);
        break;
      default:
        wire.skip(end);
    }
  }
  const series = frame.accept(header);
  if (series < 0) return;
  const row = columns.count;
  if (row === columns.series.length) growColumns(columns, row + 1);
  columns.series[row] = series;
  columns.timeMs[row] = frame.timeMs;
  columns.value[row] = (frame.flags & FLAG_NO_RECORDED_VALUE) !== 0 ? Number.NaN : value;
  columns.flags[row] = frame.flags;
  columns.count = row + 1;
}
