import type { MetricDecoder, SeriesInfo } from "@yunwei/otlp";
import { ArrayColumn, FixedColumn, MapColumn, type NativeColumn, NullableFloatColumn, StringColumn } from "@yunwei/store";
import { doubles, ids, PlaceColumns, SeriesLanes, seconds } from "./place-columns.ts";

/** Columns of one table being filled, with the name they are inserted under. */
export interface TableBlock {
  readonly table: string;
  readonly columns: Readonly<Record<string, NativeColumn>>;
}

const KIND_CODE: Readonly<Record<string, number>> = { gauge: 1, sum: 2, delta: 3 };

/** place, metric, entity, series, time: what all point tables begin with. */
class PointHead {
  readonly place = new PlaceColumns();
  readonly metric = new StringColumn();
  readonly entity = ids();
  readonly series = ids();
  readonly ts = seconds();
  readonly #lanes: SeriesLanes;

  constructor(lanes: SeriesLanes) {
    this.#lanes = lanes;
  }

  push(info: SeriesInfo, timeMs: number): void {
    this.place.push(info.resource);
    this.metric.text(info.metric);
    const entity = this.#lanes.entity(info);
    this.entity.lanes(entity.high, entity.low);
    const series = this.#lanes.series(info);
    this.series.lanes(series.high, series.low);
    this.ts.u32(Math.floor(timeMs / 1000));
  }

  get columns() {
    return { ...this.place.columns, metric: this.metric, entity_id: this.entity, series_id: this.series, ts: this.ts };
  }
}

/** The blocks of all metric point tables, filled from a decoder request by request. */
export class MetricTables {
  readonly #lanes = new SeriesLanes();
  readonly #points = new PointHead(this.#lanes);
  readonly #kind = new FixedColumn("Int8", 1);
  readonly #value = doubles();
  readonly #flags = new FixedColumn("UInt8", 1);
  readonly #histograms = histogramBlock(new PointHead(this.#lanes));
  readonly #exponentials = exponentialBlock(new PointHead(this.#lanes));
  readonly #summaries = new PointHead(this.#lanes);
  readonly #summary = { count: ids(), sum: doubles(), quantiles: new ArrayColumn("Float64", 8), values: new ArrayColumn("Float64", 8) };
  readonly #exemplars = {
    department: new StringColumn(),
    metric: new StringColumn(),
    series_id: ids(),
    ts: new FixedColumn("DateTime64(3)", 8),
    value: doubles(),
    trace_id: new StringColumn(),
    span_id: new StringColumn(),
    attrs: new MapColumn(),
  };

  readonly blocks: readonly TableBlock[] = [
    { table: "metric_points", columns: { ...this.#points.columns, kind: this.#kind, value: this.#value, flags: this.#flags } },
    { table: "metric_hist", columns: this.#histograms.columns },
    { table: "metric_exphist", columns: this.#exponentials.columns },
    { table: "metric_summary", columns: { ...this.#summaries.columns, ...this.#summary } },
    { table: "exemplars", columns: this.#exemplars },
  ];

  /** Takes what `decoder` holds now. */
  push(decoder: MetricDecoder): void {
    const { numbers, series } = decoder;
    for (let row = 0; row < numbers.count; row++) {
      const info = series[numbers.series[row]!]!;
      this.#points.push(info, numbers.timeMs[row]!);
      this.#kind.u8(KIND_CODE[info.kind] ?? 1);
      this.#value.f64(numbers.value[row]!);
      this.#flags.u8(numbers.flags[row]! & 0xff);
    }
    for (let row = 0; row < decoder.histograms.count; row++) {
      if (decoder.histograms.exponential[row] === 1) this.#exponentials.push(decoder, row);
      else this.#histograms.push(decoder, row);
    }
    this.#pushSummaries(decoder);
    this.#pushExemplars(decoder);
  }

  #pushSummaries(decoder: MetricDecoder): void {
    const { summaries, quantiles } = decoder;
    for (let row = 0; row < summaries.count; row++) {
      this.#summaries.push(decoder.series[summaries.series[row]!]!, summaries.timeMs[row]!);
      this.#summary.count.i64(summaries.observations[row]!);
      this.#summary.sum.f64(summaries.sum[row]!);
      for (let at = summaries.from[row]!; at < summaries.to[row]!; at++) {
        this.#summary.quantiles.inner.f64(quantiles.quantile[at]!);
        this.#summary.values.inner.f64(quantiles.value[at]!);
      }
      this.#summary.quantiles.end();
      this.#summary.values.end();
    }
  }

  #pushExemplars(decoder: MetricDecoder): void {
    for (const exemplar of decoder.exemplars) {
      const info = decoder.series[exemplar.series]!;
      const lanes = this.#lanes.series(info);
      this.#exemplars.department.text(info.resource.department);
      this.#exemplars.metric.text(info.metric);
      this.#exemplars.series_id.lanes(lanes.high, lanes.low);
      this.#exemplars.ts.i64(Math.floor(exemplar.timeMs));
      this.#exemplars.value.f64(exemplar.value);
      this.#exemplars.trace_id.text(exemplar.traceId);
      this.#exemplars.span_id.text(exemplar.spanId);
      this.#exemplars.attrs.map(exemplar.attributes);
    }
  }
}

interface HistogramBlock {
  readonly columns: Readonly<Record<string, NativeColumn>>;
  push(decoder: MetricDecoder, row: number): void;
}

function histogramHead(head: PointHead) {
  const own = { temporality: new FixedColumn("UInt8", 1), start_ts: seconds(), count: ids(), sum: doubles() };
  const push = ({ histograms, series }: MetricDecoder, row: number): void => {
    head.push(series[histograms.series[row]!]!, histograms.timeMs[row]!);
    own.temporality.u8(histograms.temporality[row]!);
    own.start_ts.u32(Math.floor(histograms.startMs[row]! / 1000));
    own.count.i64(histograms.observations[row]!);
    own.sum.f64(histograms.sum[row]!);
  };
  return { columns: { ...head.columns, ...own }, push };
}

function histogramBlock(points: PointHead): HistogramBlock {
  const head = histogramHead(points);
  const own = { min: new NullableFloatColumn(), max: new NullableFloatColumn(), buckets: new ArrayColumn("UInt64", 8) };
  return {
    columns: { ...head.columns, ...own },
    push(decoder, row) {
      head.push(decoder, row);
      const { histograms } = decoder;
      own.min.f64(histograms.min[row]!);
      own.max.f64(histograms.max[row]!);
      pushCounts(own.buckets, decoder, histograms.bucketFrom[row]!, histograms.bucketTo[row]!);
    },
  };
}

function exponentialBlock(points: PointHead): HistogramBlock {
  const head = histogramHead(points);
  const own = {
    scale: new FixedColumn("Int8", 1),
    zero_count: ids(),
    zero_threshold: doubles(),
    positive_offset: new FixedColumn("Int32", 4),
    positive: new ArrayColumn("UInt64", 8),
    negative_offset: new FixedColumn("Int32", 4),
    negative: new ArrayColumn("UInt64", 8),
  };
  return {
    columns: { ...head.columns, ...own },
    push(decoder, row) {
      head.push(decoder, row);
      const { histograms } = decoder;
      own.scale.u8(histograms.scale[row]! & 0xff);
      own.zero_count.i64(histograms.zeroCount[row]!);
      own.zero_threshold.f64(histograms.zeroThreshold[row]!);
      own.positive_offset.u32(histograms.positiveOffset[row]! >>> 0);
      pushCounts(own.positive, decoder, histograms.bucketFrom[row]!, histograms.bucketTo[row]!);
      own.negative_offset.u32(histograms.negativeOffset[row]! >>> 0);
      pushCounts(own.negative, decoder, histograms.negativeFrom[row]!, histograms.negativeTo[row]!);
    },
  };
}

function pushCounts(column: ArrayColumn, { buckets }: MetricDecoder, from: number, to: number): void {
  for (let at = from; at < to; at++) column.inner.lanes(buckets.words[2 * at + 1]!, buckets.words[2 * at]!);
  column.end();
}
