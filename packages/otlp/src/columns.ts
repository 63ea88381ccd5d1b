import type { EntityKey } from "@yunwei/schemas";

/** What the ingest token (message headers) says of a stream; "" = not fixed by the token, the resource attribute counts. */
export interface StreamIdentity {
  readonly source: string;
  readonly site: string;
  readonly tier: string;
  readonly department: string;
  /** When the gateway took the request, Unix milliseconds: items with impossible times are left out by it (time-rule.ts). NaN = not judged. */
  readonly receivedMs: number;
}

/** One OTLP resource as first seen. `index` is dense in its decoder's catalogue and never reused there. */
export interface ResourceInfo {
  readonly index: number;
  /** Hash of all its attributes (and of the stream's identity), 16 hex digits. */
  readonly resourceId: string;
  /** Hash of `entity`, 16 hex digits; of the resource id when nothing identifies it. */
  readonly entityId: string;
  readonly entity: EntityKey;
  readonly service: string;
  readonly site: string;
  readonly tier: string;
  readonly department: string;
  readonly source: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export type PointKind = "gauge" | "sum" | "delta" | "histogram" | "exponential_histogram" | "summary";

/** One metric series as first seen. `index` is dense in its decoder's catalogue and never reused there. */
export interface SeriesInfo {
  readonly index: number;
  /** 64-bit hash of the identifying content, 16 hex digits; the same in every process. */
  readonly seriesId: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: PointKind;
  readonly monotonic: boolean;
  readonly resource: ResourceInfo;
  readonly scope: string;
  /** Data point attributes. */
  readonly labels: ReadonlyMap<string, string>;
  /** Explicit bounds of a histogram, else empty. */
  readonly bounds: readonly number[];
}

/** Number points (gauge, sum) of one or more requests, by columns; only the first `count` entries of each are valid. */
export interface NumberColumns {
  count: number;
  series: Int32Array;
  /** Unix milliseconds with fraction; sent as nanoseconds. */
  timeMs: Float64Array;
  /** NaN for a "no recorded value" point (flags bit 0). */
  value: Float64Array;
  flags: Uint8Array;
}

/** Histogram points, explicit and exponential; only the first `count` entries of each are valid. */
export interface HistogramColumns {
  count: number;
  series: Int32Array;
  timeMs: Float64Array;
  /** Start of the interval, Unix milliseconds; 0 = unknown. */
  startMs: Float64Array;
  /** Number of observations; a double, exact up to 2^53. */
  observations: Float64Array;
  /** NaN when not sent; so are min and max. */
  sum: Float64Array;
  min: Float64Array;
  max: Float64Array;
  /** 1 = delta, 2 = cumulative. */
  temporality: Uint8Array;
  /** Elements `[from, to)` of `buckets`: the counts, or the positive ones of an exponential histogram. */
  bucketFrom: Int32Array;
  bucketTo: Int32Array;
  /** 1 for an exponential histogram; the columns below are 0 for the others. */
  exponential: Uint8Array;
  scale: Int32Array;
  zeroCount: Float64Array;
  zeroThreshold: Float64Array;
  positiveOffset: Int32Array;
  negativeOffset: Int32Array;
  negativeFrom: Int32Array;
  negativeTo: Int32Array;
}

/** Summary points; quantiles are elements `[from, to)` of the pools `quantile` and `quantileValue`. */
export interface SummaryColumns {
  count: number;
  series: Int32Array;
  timeMs: Float64Array;
  observations: Float64Array;
  sum: Float64Array;
  from: Int32Array;
  to: Int32Array;
}

/** Exemplars are few: objects. */
export interface Exemplar {
  readonly series: number;
  readonly timeMs: number;
  readonly value: number;
  /** Hexadecimal, "" when not sent. */
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Spans by columns. 64-bit ids as BigInt lanes; a trace id is two. `name` and `peer` index `strings`. */
export interface SpanColumns {
  count: number;
  resource: Int32Array;
  /** OTLP SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: Uint8Array;
  /** OTLP StatusCode: 0 unset, 1 ok, 2 error. */
  status: Uint8Array;
  startMs: Float64Array;
  /** Milliseconds, >= 0 (a span that ends before it starts has 0). */
  durationMs: Float64Array;
  traceHigh: BigUint64Array;
  traceLow: BigUint64Array;
  spanId: BigUint64Array;
  /** 0n = root. */
  parentId: BigUint64Array;
  name: Int32Array;
  /** What a client span calls, when it says so (peer-attributes.ts has the names); 0 = unknown. */
  peer: Int32Array;
  /** What kind of thing that is, by the span's attributes: a PEER_KIND of peer-attributes.ts. */
  peerKind: Uint8Array;
  /** KeyValue slices `[from, to)` of `slices` (attributes), and of events and links, in bytes of the request. */
  attributes: Int32Array;
  attributesTo: Int32Array;
  eventsFrom: Int32Array;
  eventsTo: Int32Array;
  linksFrom: Int32Array;
  linksTo: Int32Array;
}

/** Log records by columns. */
export interface LogColumns {
  count: number;
  resource: Int32Array;
  timeMs: Float64Array;
  /** OTLP SeverityNumber, 0..24; >= 17 is ERROR. */
  severity: Uint8Array;
  /** The body's AnyValue `[bodyStart, bodyEnd)` in bytes of the request; equal = none. */
  bodyStart: Int32Array;
  bodyEnd: Int32Array;
  /** Start of 16 and 8 id bytes in the request, -1 = none. */
  traceIdAt: Int32Array;
  spanIdAt: Int32Array;
  attributes: Int32Array;
  attributesTo: Int32Array;
}

/** Pairs of positions `[starts[i], ends[i])` in the request. */
export interface Slices {
  readonly length: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** 64-bit counts, low word first, as ClickHouse's Array(UInt64) wants them: count i is `words[2 i]`, `words[2 i + 1]`. */
export interface Counts {
  readonly length: number;
  readonly words: Uint32Array;
}

/** (quantile, value) pairs of summaries. */
export interface Quantiles {
  readonly length: number;
  readonly quantile: Float64Array;
  readonly value: Float64Array;
}

/**
 * The columns of one uncompressed Export request; `body` is the request, which slices point into. Items of impossible time
 * or size are left out and counted in `rejected`, with the first reason in `problem`. Catalogues (series, resources, strings)
 * are the decoder's: they only grow, and their indexes are never reused; what RequestReader reads may go on in new ones.
 *
 * The three decoders (metric-decoder.ts, span-decoder.ts, log-decoder.ts) are of these shapes: `decode` REPLACES the columns
 * and throws YunweiError YUNWEI_OTLP_INVALID, naming the byte offset, when the request is malformed (columns are then empty).
 */
export interface MetricDecoding {
  readonly body: Uint8Array;
  readonly numbers: NumberColumns;
  readonly histograms: HistogramColumns;
  readonly summaries: SummaryColumns;
  readonly buckets: Counts;
  readonly quantiles: Quantiles;
  readonly exemplars: readonly Exemplar[];
  readonly series: readonly SeriesInfo[];
  readonly resources: readonly ResourceInfo[];
  /** The resource decoded last; undefined when the request had none. */
  readonly lastResource: ResourceInfo | undefined;
  readonly rejected: number;
  readonly problem: string | undefined;
}

export interface SpanDecoding {
  readonly body: Uint8Array;
  readonly spans: SpanColumns;
  readonly slices: Slices;
  readonly resources: readonly ResourceInfo[];
  readonly strings: readonly string[];
  readonly rejected: number;
  readonly problem: string | undefined;
}

export interface LogDecoding {
  readonly body: Uint8Array;
  readonly logs: LogColumns;
  readonly slices: Slices;
  readonly resources: readonly ResourceInfo[];
  readonly rejected: number;
  readonly problem: string | undefined;
}

export type Decoding = MetricDecoding | SpanDecoding | LogDecoding;
