import { readAnyValue, type SlicePool, type Wire } from "@yunwei/otlp";
import type { MapColumn, StringColumn } from "@yunwei/store";

/*
 * KeyValue { 1 key string, 2 value AnyValue }      AnyValue { 1 string, ... }
 */

/** Adds the KeyValues `[from, to)` of `slices` as one row: strings are copied as bytes, other values become text. */
export function pushAttributes(column: MapColumn, wire: Wire, slices: SlicePool, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    wire.pos = slices.starts[at]!;
    pushPair(column, wire, slices.ends[at]!);
  }
  column.end();
}

function pushPair(column: MapColumn, wire: Wire, end: number): void {
  let keyStart = 0;
  let keyEnd = 0;
  let valueStart = 0;
  let valueEnd = 0;
  while (wire.next(end)) {
    if (wire.field !== 1 && wire.field !== 2) {
      wire.skip(end);
      continue;
    }
    const sliceEnd = wire.sliceEnd(end);
    if (wire.field === 1) {
      keyStart = wire.pos;
      keyEnd = sliceEnd;
    } else {
      valueStart = wire.pos;
      valueEnd = sliceEnd;
    }
    wire.pos = sliceEnd;
  }
  column.keys.utf8(wire.bytes, keyStart, keyEnd);
  pushAnyValue(column.values, wire, valueStart, valueEnd);
}

/** Adds the AnyValue `[start, end)` as text: a plain string is copied, anything else is read; none is "". */
export function pushAnyValue(column: StringColumn, wire: Wire, start: number, end: number): void {
  wire.pos = start;
  if (wire.next(end) && wire.field === 1) {
    const textEnd = wire.sliceEnd(end);
    if (textEnd === end) {
      column.utf8(wire.bytes, wire.pos, textEnd);
      return;
    }
  }
  wire.pos = start;
  const value = readAnyValue(wire, end, 0);
  column.text(typeof value === "string" ? value : JSON.stringify(value));
}
