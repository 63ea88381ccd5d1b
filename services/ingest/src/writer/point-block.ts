import { type NativeColumn, TypedColumn } from "@yunwei/store";
import type { PointBatch } from "./point-batch.ts";
import { pointHead } from "./point-head.ts";
import type { SeriesFacts } from "./series-facts.ts";

/** The block of `metric_points`: the number points of a batch in the order of the table's key. */
export function pointBlock({ rows, series, seconds, value, flags }: PointBatch, facts: SeriesFacts): Record<string, NativeColumn> {
  const kind = new Int8Array(rows);
  for (let row = 0; row < rows; row++) kind[row] = facts.kind[series[row]!]!;
  return {
    ...pointHead(facts, rows, series),
    ts: new TypedColumn("DateTime", seconds, rows, 4),
    kind: new TypedColumn("Int8", kind, rows, 1),
    value: new TypedColumn("Float64", value, rows, 8),
    flags: new TypedColumn("UInt8", flags, rows, 1),
  };
}
