import type { Exemplar, MetricDecoding, SeriesInfo } from "@yunwei/otlp";
import { DictionaryColumn, FixedColumn, MapColumn, type NativeColumn, StringColumn } from "@yunwei/store";
import { type BlockParts, exponentialBlock, histogramBlock, summaryBlock } from "./distribution-blocks.ts";
import { doubles, ids, lanesOf } from "./place-columns.ts";
import { KeyOrder, PointGatherer } from "./point-batch.ts";
import { pointBlock } from "./point-block.ts";
import { rollupBlock } from "./rollup-block.ts";
import { SeriesFacts } from "./series-facts.ts";
import { SeriesOrder } from "./series-order.ts";

/** Columns of one table, complete, with the name they are inserted under. */
export interface TableBlock {
  readonly table: string;
  readonly columns: Readonly<Record<string, NativeColumn>>;
}

const FIVE_MINUTES_S = 300;
const HOUR_S = 3600;

/** Turns the decoded metrics of a batch, all of one catalogue, into blocks in the order of their tables' keys. */
export class MetricTables {
  #series: readonly SeriesInfo[] | undefined;
  #facts = new SeriesFacts();
  #order = new SeriesOrder();
  readonly #keyOrder = new KeyOrder();
  readonly #gatherer = new PointGatherer();

  blocks(requests: readonly MetricDecoding[]): TableBlock[] {
    const series = requests[0]?.series ?? [];
    if (series !== this.#series) {
      this.#series = series;
      this.#facts = new SeriesFacts();
      this.#order = new SeriesOrder();
    }
    this.#facts.update(series);
    this.#order.update(series);
    const parts: BlockParts = { requests, facts: this.#facts, order: this.#order, keyOrder: this.#keyOrder };
    const points = this.#gatherer.gather(requests, this.#order);
    return [
      { table: "metric_points", columns: pointBlock(points, this.#facts) },
      { table: "metric_5m", columns: rollupBlock(points, this.#facts, FIVE_MINUTES_S) },
      { table: "metric_1h", columns: rollupBlock(points, this.#facts, HOUR_S) },
      { table: "metric_hist", columns: histogramBlock(parts) },
      { table: "metric_exphist", columns: exponentialBlock(parts) },
      { table: "metric_summary", columns: summaryBlock(parts) },
      { table: "exemplars", columns: exemplarBlock(requests) },
    ];
  }
}

function exemplarBlock(requests: readonly MetricDecoding[]): Record<string, NativeColumn> {
  const columns = {
    department: new DictionaryColumn(),
    metric: new DictionaryColumn(),
    series_id: ids(),
    ts: new FixedColumn("DateTime64(3)", 8),
    value: doubles(),
    trace_id: new StringColumn(),
    span_id: new StringColumn(),
    attrs: new MapColumn(),
  };
  const push = (exemplar: Exemplar, { metric, seriesId, resource }: SeriesInfo): void => {
    const id = lanesOf(seriesId);
    columns.department.text(resource.department);
    columns.metric.text(metric);
    columns.series_id.lanes(id.high, id.low);
    columns.ts.i64(Math.floor(exemplar.timeMs));
    columns.value.f64(exemplar.value);
    columns.trace_id.text(exemplar.traceId);
    columns.span_id.text(exemplar.spanId);
    columns.attrs.map(exemplar.attributes);
  };
  for (const { exemplars, series } of requests) for (const exemplar of exemplars) push(exemplar, series[exemplar.series]!);
  return columns;
}
