import type { MetricDecoding } from "@yunwei/otlp";
import { ArrayColumn, FixedColumn, type NativeColumn, NullableFloatColumn, TypedColumn } from "@yunwei/store";
import { doubles, ids, seconds } from "./place-columns.ts";
import type { KeyOrder } from "./point-batch.ts";
import { pointHead } from "./point-head.ts";
import type { SeriesFacts } from "./series-facts.ts";
import type { SeriesOrder } from "./series-order.ts";

/** A point of one of the requests of a batch. */
type Push = (decoded: MetricDecoding, row: number) => void;

/** Which points of a request a table takes. */
interface Source {
  readonly columns: (decoded: MetricDecoding) => { readonly count: number; readonly series: Int32Array; readonly timeMs: Float64Array };
  readonly takes: (decoded: MetricDecoding, row: number) => boolean;
}

const EXPLICIT: Source = { columns: ({ histograms }) => histograms, takes: ({ histograms }, row) => histograms.exponential[row] === 0 };
const EXPONENTIAL: Source = { columns: ({ histograms }) => histograms, takes: ({ histograms }, row) => histograms.exponential[row] === 1 };
const SUMMARIES: Source = { columns: ({ summaries }) => summaries, takes: () => true };

/** What the builders share. */
export interface BlockParts {
  readonly requests: readonly MetricDecoding[];
  readonly facts: SeriesFacts;
  readonly order: SeriesOrder;
  readonly keyOrder: KeyOrder;
}

/** Head columns of a table, with `push` called for its points in the order of its key. */
function inKeyOrder({ requests, facts, order, keyOrder }: BlockParts, source: Source, push: Push): Record<string, NativeColumn> {
  const series: number[] = [];
  const times: number[] = [];
  const at: [decoded: MetricDecoding, row: number][] = [];
  for (const decoded of requests) {
    const columns = source.columns(decoded);
    for (let row = 0; row < columns.count; row++) {
      if (!source.takes(decoded, row)) continue;
      series.push(columns.series[row]!);
      times.push(Math.floor(columns.timeMs[row]! / 1000));
      at.push([decoded, row]);
    }
  }
  const rows = at.length;
  const seriesOf = Uint32Array.from(series);
  const secondsOf = Uint32Array.from(times);
  const places = keyOrder.sort(seriesOf, secondsOf, order);
  const sortedSeries = new Uint32Array(rows);
  const sortedSeconds = new Uint32Array(rows);
  for (let place = 0; place < rows; place++) {
    const row = places[place]!;
    sortedSeries[place] = seriesOf[row]!;
    sortedSeconds[place] = secondsOf[row]!;
    push(...at[row]!);
  }
  return { ...pointHead(facts, rows, sortedSeries), ts: new TypedColumn("DateTime", sortedSeconds, rows, 4) };
}

/** What both kinds of histogram store of a point beside its head. */
function shared() {
  const columns = { temporality: new FixedColumn("UInt8", 1), start_ts: seconds(), count: ids(), sum: doubles() };
  const push: Push = ({ histograms }, row) => {
    columns.temporality.u8(histograms.temporality[row]!);
    columns.start_ts.u32(Math.floor(histograms.startMs[row]! / 1000));
    columns.count.i64(histograms.observations[row]!);
    columns.sum.f64(histograms.sum[row]!);
  };
  return { columns, push };
}

export function histogramBlock(parts: BlockParts): Record<string, NativeColumn> {
  const { columns, push } = shared();
  const own = { min: new NullableFloatColumn(), max: new NullableFloatColumn(), buckets: new ArrayColumn("UInt64", 8) };
  const head = inKeyOrder(parts, EXPLICIT, (decoded, row) => {
    const { histograms } = decoded;
    push(decoded, row);
    own.min.f64(histograms.min[row]!);
    own.max.f64(histograms.max[row]!);
    pushCounts(own.buckets, decoded, histograms.bucketFrom[row]!, histograms.bucketTo[row]!);
  });
  return { ...head, ...columns, ...own };
}

export function exponentialBlock(parts: BlockParts): Record<string, NativeColumn> {
  const { columns, push } = shared();
  const own = {
    scale: new FixedColumn("Int8", 1),
    zero_count: ids(),
    zero_threshold: doubles(),
    positive_offset: new FixedColumn("Int32", 4),
    positive: new ArrayColumn("UInt64", 8),
    negative_offset: new FixedColumn("Int32", 4),
    negative: new ArrayColumn("UInt64", 8),
  };
  const head = inKeyOrder(parts, EXPONENTIAL, (decoded, row) => {
    const { histograms } = decoded;
    push(decoded, row);
    own.scale.u8(histograms.scale[row]! & 0xff);
    own.zero_count.i64(histograms.zeroCount[row]!);
    own.zero_threshold.f64(histograms.zeroThreshold[row]!);
    own.positive_offset.u32(histograms.positiveOffset[row]! >>> 0);
    pushCounts(own.positive, decoded, histograms.bucketFrom[row]!, histograms.bucketTo[row]!);
    own.negative_offset.u32(histograms.negativeOffset[row]! >>> 0);
    pushCounts(own.negative, decoded, histograms.negativeFrom[row]!, histograms.negativeTo[row]!);
  });
  return { ...head, ...columns, ...own };
}

export function summaryBlock(parts: BlockParts): Record<string, NativeColumn> {
  const own = { count: ids(), sum: doubles(), quantiles: new ArrayColumn("Float64", 8), values: new ArrayColumn("Float64", 8) };
  const head = inKeyOrder(parts, SUMMARIES, ({ summaries, quantiles }, row) => {
    own.count.i64(summaries.observations[row]!);
    own.sum.f64(summaries.sum[row]!);
    for (let at = summaries.from[row]!; at < summaries.to[row]!; at++) {
      own.quantiles.inner.f64(quantiles.quantile[at]!);
      own.values.inner.f64(quantiles.value[at]!);
    }
    own.quantiles.end();
    own.values.end();
  });
  return { ...head, ...own };
}

function pushCounts(column: ArrayColumn, { buckets }: MetricDecoding, from: number, to: number): void {
  column.inner.words(buckets.words, 2 * from, 2 * to);
  column.end();
}
