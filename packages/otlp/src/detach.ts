import type { LogDecoding, MetricDecoding, SpanDecoding } from "./columns.ts";

/** The first `count` entries of every column, as arrays of their own. */
function cut<T extends object>(columns: T, count: number): T {
  const own: Record<string, unknown> = {};
  for (const name in columns) {
    const column = columns[name];
    own[name] = ArrayBuffer.isView(column) ? (column as unknown as Float64Array).slice(0, count) : column;
  }
  return own as T;
}

/** What a decoder holds now, apart from it: its next request leaves this as it is. Catalogues are the decoder's and grow. */
export function detachMetrics(decoded: MetricDecoding): MetricDecoding {
  const { body, numbers, histograms, summaries, buckets, quantiles, exemplars, series, resources, lastResource, rejected, problem } = decoded;
  return {
    body,
    numbers: cut(numbers, numbers.count),
    histograms: histograms.count === 0 ? noHistograms(histograms) : cut(histograms, histograms.count),
    summaries: cut(summaries, summaries.count),
    buckets: { length: buckets.length, words: buckets.words.slice(0, 2 * buckets.length) },
    quantiles: cut(quantiles, quantiles.length),
    exemplars,
    series,
    resources,
    lastResource,
    rejected,
    problem,
  };
}

/** Most requests have none: one empty set of columns for all of them. */
let empty: MetricDecoding["histograms"] | undefined;
function noHistograms(like: MetricDecoding["histograms"]): MetricDecoding["histograms"] {
  empty ??= cut(like, 0);
  return empty;
}

export function detachSpans(decoded: SpanDecoding): SpanDecoding {
  const { body, spans, slices, resources, strings, rejected, problem } = decoded;
  return { body, spans: cut(spans, spans.count), slices: cut({ ...slices }, slices.length), resources, strings, rejected, problem };
}

export function detachLogs(decoded: LogDecoding): LogDecoding {
  const { body, logs, slices, resources, rejected, problem } = decoded;
  return { body, logs: cut(logs, logs.count), slices: cut({ ...slices }, slices.length), resources, rejected, problem };
}
