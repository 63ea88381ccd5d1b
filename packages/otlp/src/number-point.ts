import type { NumberColumns } from "./columns.ts";
import { growColumns } from "./grow.ts";
import type { PointFrame } from "./point-frame.ts";
import { FIXED_FIELD, HAS_START, IS_INT } from "./point-places.ts";
import type { MetricHeader } from "./series-table.ts";

/*
 * Gauge, Sum { 1 points }      NumberDataPoint { 2 start, 3 time, 4 double, 5 exemplars, 6 int sfixed64, 7 attributes, 8 flags }
 *
 * What encoders write, field by field in the order of their numbers:
 *   [11 start:8] 19 time:8 (21 double:8 | 31 int:8) (3a length KeyValue)*      (bytes in hexadecimal)
 */

const FLAG_NO_RECORDED_VALUE = 1;
const TAG_POINT = 0x0a;
const TAG_START = 0x11;
const TAG_TIME = 0x19;
const TAG_DOUBLE = 0x21;
const TAG_INT = 0x31;
/** Tag and length of the point, time and value. */
const LEAST_POINT_BYTES = 2 + 2 * FIXED_FIELD;

/** Reads the points of the Gauge or Sum `[pos, end)` into `columns`. */
export function readNumberPoints(frame: PointFrame, end: number, header: MetricHeader, columns: NumberColumns): void {
  const { wire } = frame;
  while (wire.pos < end) {
    readKnownPoints(frame, end, header, columns);
    if (!wire.next(end)) return;
    if (wire.field === 1) readNumberPoint(frame, wire.sliceEnd(end), header, columns);
    else wire.skip(end);
  }
}

/**
 * Reads points from `pos` on while they are written in the usual order and each is of a known series: no field of them is
 * walked, their attributes are compared as bytes. `pos` is then at the first that is not so.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop over the bytes; calls between would cost more than the work
function readKnownPoints(frame: PointFrame, end: number, header: MetricHeader, columns: NumberColumns): void {
  const { wire, earliestMs, latestMs, seriesTable } = frame;
  const { bytes, view } = wire;
  const { raw } = seriesTable;
  const context = header.entry;
  let pos = wire.pos;
  let row = columns.count;
  const most = row + Math.floor((end - pos) / LEAST_POINT_BYTES);
  if (most > columns.series.length) growColumns(columns, most);
  const { series, timeMs, value, flags } = columns;
  const from = row;
  frame.places.room(most);
  const places = frame.places.numbers;
  while (end - pos >= LEAST_POINT_BYTES && bytes[pos] === TAG_POINT) {
    let length = bytes[pos + 1]!;
    let at = pos + 2;
    if (length >= 0x80) {
      const next = bytes[at++]!;
      if (next >= 0x80) break;
      length = (length & 0x7f) | (next << 7);
    }
    const pointEnd = at + length;
    if (pointEnd > end) break;
    const hasStart = bytes[at] === TAG_START;
    if (hasStart) at += FIXED_FIELD;
    if (pointEnd - at < 2 * FIXED_FIELD || bytes[at] !== TAG_TIME) break;
    const valueTag = bytes[at + FIXED_FIELD];
    if (valueTag !== TAG_DOUBLE && valueTag !== TAG_INT) break;
    const time = view.getUint32(at + 5, true) * 4294.967296 + view.getUint32(at + 1, true) / 1e6;
    if (!(time >= earliestMs && time <= latestMs)) break;
    const valueAt = at + FIXED_FIELD + 1;
    at += 2 * FIXED_FIELD;
    if (!raw.followsExactly(view, context, at, pointEnd) && raw.find(view, context, at, pointEnd) < 0) break;
    series[row] = seriesTable.of(raw.last);
    timeMs[row] = time;
    value[row] = valueTag === TAG_DOUBLE ? view.getFloat64(valueAt, true) : view.getInt32(valueAt + 4, true) * 4294967296 + view.getUint32(valueAt, true);
    places[row] = 4 * (valueAt - FIXED_FIELD) + (hasStart ? HAS_START : 0) + (valueTag === TAG_INT ? IS_INT : 0);
    flags[row++] = 0;
    pos = pointEnd;
  }
  columns.count = row;
  frame.places.numberRows += row - from;
  wire.pos = pos;
}

/** Reads the NumberDataPoint `[pos, end)`, its fields in any order. */
function readNumberPoint(frame: PointFrame, end: number, header: MetricHeader, columns: NumberColumns): void {
  const { wire } = frame;
  frame.begin();
  let value = Number.NaN;
  while (wire.next(end)) {
    switch (wire.field) {
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
        frame.times(end);
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
