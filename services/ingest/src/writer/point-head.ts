import { DictionaryColumn, type NativeColumn, TypedColumn } from "@yunwei/store";
import type { SeriesFacts } from "./series-facts.ts";

/** Columns that all point tables begin with, for rows given by their series: place, metric, entity, series. */
export function pointHead(facts: SeriesFacts, rows: number, seriesOf: Uint32Array): Record<string, NativeColumn> {
  const entity = new Uint32Array(2 * rows);
  const series = new Uint32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const index = seriesOf[row]!;
    entity[2 * row] = facts.entity[2 * index]!;
    entity[2 * row + 1] = facts.entity[2 * index + 1]!;
    series[2 * row] = facts.series[2 * index]!;
    series[2 * row + 1] = facts.series[2 * index + 1]!;
  }
  return {
    department: shared(facts.places.all, facts.department, rows, seriesOf),
    site: shared(facts.places.all, facts.site, rows, seriesOf),
    tier: shared(facts.places.all, facts.tier, rows, seriesOf),
    metric: shared(facts.metrics.all, facts.metric, rows, seriesOf),
    entity_id: new TypedColumn("UInt64", entity, rows, 8),
    series_id: new TypedColumn("UInt64", series, rows, 8),
  };
}

function shared(texts: readonly string[], textOf: Uint32Array, rows: number, seriesOf: Uint32Array): DictionaryColumn {
  const column = new DictionaryColumn();
  let lastText = -1;
  let code = 0;
  for (let row = 0; row < rows; row++) {
    const text = textOf[seriesOf[row]!]!;
    if (text !== lastText) {
      code = column.code(texts[text]!);
      lastText = text;
    }
    column.push(code);
  }
  return column;
}
