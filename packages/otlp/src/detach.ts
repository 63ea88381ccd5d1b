import type { Decoding, LogDecoding, MetricDecoding, SpanDecoding } from "./columns.ts";
import { freeMemory } from "./free-memory.ts";

type Column = Float64Array | Int32Array | Uint8Array | BigUint64Array | Uint32Array;

/** The first `count` entries of every column, as arrays of their own, all in one piece of memory. */
function cut<T extends object>(columns: T, count: number): T {
  const own: Record<string, unknown> = { ...(columns as Record<string, unknown>) };
  let bytes = 0;
  for (const name in own) if (ArrayBuffer.isView(own[name])) bytes += aligned(count * (own[name] as Column).BYTES_PER_ELEMENT);
  const memory = new ArrayBuffer(bytes);
  let at = 0;
  for (const name in own) {
    const column = own[name] as Column;
    if (!ArrayBuffer.isView(column)) continue;
    const copy = new (column.constructor as new (memory: ArrayBuffer, at: number, count: number) => Float64Array)(memory, at, count);
    if (count > 0) copy.set((column as Float64Array).subarray(0, count));
    own[name] = copy;
    at += aligned(count * column.BYTES_PER_ELEMENT);
  }
  return own as T;
}

/** So that the next column may be of any type. */
function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

const NOTHING = new Uint8Array(0);

/** What a decoder holds now, apart from it: its next request leaves this as it is. Catalogues are the decoder's and grow. */
export function detachMetrics(decoded: MetricDecoding): MetricDecoding {
  const { numbers, histograms, summaries, buckets, quantiles, exemplars, series, resources, lastResource, rejected, problem } = decoded;
  return {
    body: NOTHING, // no column points into it
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

/** Gives back what `detach...` has made; of columns in one piece, by any of them. */
export function freeDetached(decoded: Decoding): void {
  if ("numbers" in decoded) {
    for (const column of [decoded.numbers.value, decoded.histograms.timeMs, decoded.summaries.timeMs, decoded.buckets.words]) freeMemory(column);
  } else {
    freeMemory("spans" in decoded ? decoded.spans.startMs : decoded.logs.timeMs);
    freeMemory(decoded.slices.starts);
  }
}
