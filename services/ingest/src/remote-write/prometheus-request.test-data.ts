import { OTLP_REQUESTS } from "@yunwei/otlp";
import fc from "fast-check";

/** The messages of both versions as a protobufjs schema, written down from their definitions: the oracle of the walkers' tests. */
const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: "repeated", type, id });
const histogramFields = {
  countInt: field("uint64", 1),
  countFloat: field("double", 2),
  sum: field("double", 3),
  schema: field("sint32", 4),
  zeroThreshold: field("double", 5),
  zeroCountInt: field("uint64", 6),
  zeroCountFloat: field("double", 7),
  negativeSpans: list("BucketSpan", 8),
  negativeDeltas: list("sint64", 9),
  negativeCounts: list("double", 10),
  positiveSpans: list("BucketSpan", 11),
  positiveDeltas: list("sint64", 12),
  positiveCounts: list("double", 13),
  resetHint: field("int32", 14),
  timestamp: field("int64", 15),
  customValues: list("double", 16),
  startTimestamp: field("int64", 17),
};
const message = (fields: object) => ({ fields });
const shared = {
  BucketSpan: message({ offset: field("sint32", 1), length: field("uint32", 2) }),
  Histogram: message(histogramFields),
  Sample: message({ value: field("double", 1), timestamp: field("int64", 2), startTimestamp: field("int64", 3) }),
};
const v1 = {
  ...shared,
  Label: message({ name: field("string", 1), value: field("string", 2) }),
  Exemplar: message({ labels: list("Label", 1), value: field("double", 2), timestamp: field("int64", 3) }),
  TimeSeries: message({ labels: list("Label", 1), samples: list("Sample", 2), exemplars: list("Exemplar", 3), histograms: list("Histogram", 4) }),
  MetricMetadata: message({ type: field("int32", 1), metricFamilyName: field("string", 2), help: field("string", 4), unit: field("string", 5) }),
  WriteRequest: message({ timeseries: list("TimeSeries", 1), metadata: list("MetricMetadata", 3) }),
};
const v2 = {
  ...shared,
  Exemplar: message({ labelsRefs: list("uint32", 1), value: field("double", 2), timestamp: field("int64", 3) }),
  Metadata: message({ type: field("int32", 1), helpRef: field("uint32", 3), unitRef: field("uint32", 4) }),
  TimeSeries: message({
    labelsRefs: list("uint32", 1),
    samples: list("Sample", 2),
    histograms: list("Histogram", 3),
    exemplars: list("Exemplar", 4),
    metadata: field("Metadata", 5),
    createdTimestamp: field("int64", 6),
  }),
  Request: message({ symbols: list("string", 4), timeseries: list("TimeSeries", 5) }),
};

type Root = typeof OTLP_REQUESTS.metrics.root;
const { fromJSON } = OTLP_REQUESTS.metrics.root.constructor as unknown as { fromJSON(json: object): Root };
const root = fromJSON({ nested: { v1: { nested: v1 }, v2: { nested: v2 } } }).resolveAll();

export type Labels = Readonly<Record<string, string>>;
export interface PlainExemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timestamp: number;
}
export interface PlainSeries {
  readonly labels: Labels;
  readonly samples?: readonly { readonly value: number; readonly timestamp: number; readonly startTimestamp?: number }[];
  readonly histograms?: readonly object[];
  readonly exemplars?: readonly PlainExemplar[];
  /** 2.0 only. */
  readonly metadata?: { readonly type: number; readonly help?: string; readonly unit?: string };
  readonly createdTimestamp?: number;
}
export interface PlainFamily {
  readonly type: number;
  readonly metricFamilyName: string;
  readonly help?: string;
  readonly unit?: string;
}

/** Sorted as senders do. */
const sorted = (labels: Labels): [string, string][] => Object.entries(labels).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const encode = (name: string, plain: object): Uint8Array => {
  const type = root.lookupType(name);
  return type.encode(type.fromObject(plain)).finish();
};

export function encodeV1(series: readonly PlainSeries[], metadata: readonly PlainFamily[] = []): Uint8Array {
  const named = (labels: Labels) => sorted(labels).map(([name, value]) => ({ name, value }));
  const timeseries = series.map((one) => ({
    ...one,
    metadata: undefined,
    labels: named(one.labels),
    exemplars: one.exemplars?.map((exemplar) => ({ ...exemplar, labels: named(exemplar.labels) })) ?? [],
  }));
  return encode("v1.WriteRequest", { timeseries, metadata });
}

export function encodeV2(series: readonly PlainSeries[]): Uint8Array {
  const symbols = new Map<string, number>([["", 0]]);
  const ref = (text: string): number => {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    symbols.set(text, symbols.size);
    return symbols.size - 1;
  };
  const refs = (labels: Labels) => sorted(labels).flatMap(([name, value]) => [ref(name), ref(value)]);
  const timeseries = series.map((one) => ({
    ...one,
    labels: undefined,
    labelsRefs: refs(one.labels),
    exemplars: one.exemplars?.map((exemplar) => ({ ...exemplar, labels: undefined, labelsRefs: refs(exemplar.labels) })) ?? [],
    metadata:
      one.metadata === undefined ? undefined : { type: one.metadata.type, helpRef: ref(one.metadata.help ?? ""), unitRef: ref(one.metadata.unit ?? "") },
  }));
  return encode("v2.Request", { symbols: [...symbols.keys()], timeseries });
}

/** When the requests of these tests are received. */
export const NOW_MS = 1_790_000_000_000;
const timestamp = fc.integer({ min: NOW_MS - 86_400_000, max: NOW_MS });
const text = fc.oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }), fc.constant("x".repeat(200)));
const value = fc.oneof(fc.double({ noNaN: true }), fc.integer());
const labelName = fc
  .oneof(fc.constantFrom("job", "instance", "site", "department", "le", "zone", "城市"), text)
  .filter((name) => name !== "__name__" && name !== "__proto__");
const labels = fc
  .tuple(fc.constantFrom("up", "http_requests_total", "http_seconds_bucket", "温度", "a.b"), fc.dictionary(labelName, text, { maxKeys: 6 }))
  .map(([name, others]): Labels => ({ ...others, __name__: name }));
const exemplar = fc.record({
  labels: fc.oneof(
    fc
      .dictionary(
        text.filter((name) => name !== "__proto__"),
        text,
        { maxKeys: 2 },
      )
      .map((others): Labels => ({ ...others })),
    fc.constant<Labels>({ trace_id: "0123456789abcdefFEDCBA9876543210", span_id: "0123456789abcdef" }),
  ),
  value,
  timestamp,
});
/** Series with samples, some with exemplars beside them. */
export const plainSeries: fc.Arbitrary<PlainSeries[]> = fc.array(
  fc.record({
    labels,
    samples: fc.array(fc.record({ value, timestamp, startTimestamp: fc.oneof(fc.constant(0), timestamp) }), { minLength: 1, maxLength: 3 }),
    exemplars: fc.array(exemplar, { maxLength: 2 }),
    metadata: fc.record({ type: fc.integer({ min: 0, max: 7 }), help: fc.constantFrom("", "how many"), unit: fc.constantFrom("", "seconds", "apples") }),
  }),
  { maxLength: 8 },
);
