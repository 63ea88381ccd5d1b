import type { Signal } from "@yunwei/schemas";
import fc from "fast-check";
import { otlpJsonToProtobuf } from "./json/otlp-json.ts";

/** Arbitrary OTLP requests as plain objects in OTLP/JSON shape, for the oracle tests. */
const nowNano = 1_790_000_000_000_000_000n;
const time = fc.bigInt({ min: nowNano - 3_600_000_000_000n, max: nowNano }).map(String);
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const number = fc.double({ noNaN: true });

const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.record({ stringValue: text }) },
  fc.record({ boolValue: fc.boolean() }),
  fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
  fc.record({ doubleValue: number }),
  fc.record({ arrayValue: fc.record({ values: fc.array(fc.record({ stringValue: text }), { maxLength: 3 }) }) }),
  fc.record({ kvlistValue: fc.record({ values: fc.array(fc.record({ key: text, value: fc.record({ stringValue: text }) }), { maxLength: 3 }) }) }),
);
const attributes = fc.uniqueArray(fc.record({ key: text, value: anyValue }), { maxLength: 5, selector: (pair) => pair.key });
const resource = fc.record({ attributes });
const scope = fc.record({ name: text, version: text });
const traceId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => `01${Buffer.from(bytes).toString("hex").slice(2)}`);
const spanId = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => `01${Buffer.from(bytes).toString("hex").slice(2)}`);
const exemplar = fc.record({ timeUnixNano: time, asDouble: number, traceId, spanId, filteredAttributes: attributes });
const numberPoint = fc.oneof(
  fc.record({ attributes, timeUnixNano: time, asDouble: number, exemplars: fc.array(exemplar, { maxLength: 1 }), flags: fc.constantFrom(0, 0) }),
  fc.record({ attributes, timeUnixNano: time, asInt: fc.integer().map(String) }),
);
const counts = fc.array(fc.nat(1_000_000).map(String), { maxLength: 6 });
const histogramPoint = fc.record({
  attributes,
  timeUnixNano: time,
  startTimeUnixNano: time,
  count: fc.nat().map(String),
  sum: number,
  bucketCounts: counts,
  explicitBounds: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }),
  min: number,
  max: number,
});
const exponentialPoint = fc.record({
  attributes,
  timeUnixNano: time,
  count: fc.nat().map(String),
  sum: number,
  scale: fc.integer({ min: -10, max: 20 }),
  zeroCount: fc.nat().map(String),
  zeroThreshold: number,
  positive: fc.record({ offset: fc.integer({ min: -1000, max: 1000 }), bucketCounts: counts }),
  negative: fc.record({ offset: fc.integer({ min: -1000, max: 1000 }), bucketCounts: counts }),
});
const summaryPoint = fc.record({
  attributes,
  timeUnixNano: time,
  count: fc.nat().map(String),
  sum: number,
  quantileValues: fc.array(fc.record({ quantile: fc.double({ min: 0, max: 1, noNaN: true }), value: number }), { maxLength: 4 }),
});
const plainPoint = fc.oneof(
  fc.record({ attributes, timeUnixNano: time, asDouble: number }),
  fc.record({ attributes, timeUnixNano: time, startTimeUnixNano: time, asInt: fc.integer().map(String) }),
);
const points = <T>(point: fc.Arbitrary<T>) => fc.array(point, { maxLength: 4 });
const temporality = fc.constantFrom(1, 2);
const metric = fc.oneof(
  fc.record({ name: text, unit: text, gauge: fc.record({ dataPoints: points(numberPoint) }) }),
  fc.record({ name: text, unit: text, sum: fc.record({ dataPoints: points(numberPoint), aggregationTemporality: temporality, isMonotonic: fc.boolean() }) }),
  fc.record({ name: text, unit: text, histogram: fc.record({ dataPoints: points(histogramPoint), aggregationTemporality: temporality }) }),
  fc.record({ name: text, unit: text, exponentialHistogram: fc.record({ dataPoints: points(exponentialPoint), aggregationTemporality: temporality }) }),
  fc.record({ name: text, unit: text, summary: fc.record({ dataPoints: points(summaryPoint) }) }),
);
const requestOf = (metrics: fc.Arbitrary<unknown>) =>
  fc.record({
    resourceMetrics: fc.array(
      fc.record({ resource, scopeMetrics: fc.array(fc.record({ scope, metrics: fc.array(metrics, { maxLength: 4 }) }), { maxLength: 2 }) }),
      { maxLength: 3 },
    ),
  });
export const metricsRequest = requestOf(metric);
/** Metrics as most exporters send them: numbers without flags and exemplars, and explicit histograms. */
export const plainMetricsRequest = requestOf(
  fc.oneof(
    fc.record({ name: text, unit: text, gauge: fc.record({ dataPoints: points(plainPoint) }) }),
    fc.record({ name: text, unit: text, sum: fc.record({ dataPoints: points(plainPoint), aggregationTemporality: temporality, isMonotonic: fc.boolean() }) }),
    fc.record({ name: text, unit: text, histogram: fc.record({ dataPoints: points(histogramPoint), aggregationTemporality: temporality }) }),
  ),
);

const event = fc.record({ timeUnixNano: time, name: text, attributes });
const link = fc.record({ traceId, spanId, attributes });
const span = fc.record({
  traceId,
  spanId,
  parentSpanId: fc.oneof(fc.constant(""), spanId),
  name: text,
  kind: fc.integer({ min: 0, max: 5 }),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  events: fc.array(event, { maxLength: 2 }),
  links: fc.array(link, { maxLength: 1 }),
  status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
});
export const tracesRequest = fc.record({
  resourceSpans: fc.array(fc.record({ resource, scopeSpans: fc.array(fc.record({ scope, spans: fc.array(span, { maxLength: 4 }) }), { maxLength: 2 }) }), {
    maxLength: 3,
  }),
});

const logRecord = fc.record({
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: fc.integer({ min: 0, max: 24 }),
  body: anyValue,
  attributes,
  traceId: fc.oneof(fc.constant(""), traceId),
  spanId: fc.oneof(fc.constant(""), spanId),
});
export const logsRequest = fc.record({
  resourceLogs: fc.array(
    fc.record({ resource, scopeLogs: fc.array(fc.record({ scope, logRecords: fc.array(logRecord, { maxLength: 4 }) }), { maxLength: 2 }) }),
    { maxLength: 3 },
  ),
});

export const identity = { source: "t", site: "", tier: "", department: "", receivedMs: Number.NaN };
/** An OTLP/JSON request as protobuf. */
export const encode = (signal: Signal, request: unknown): Uint8Array =>
  otlpJsonToProtobuf(
    signal,
    Buffer.from(
      JSON.stringify(request, (_, value: unknown) =>
        Object.is(value, Number.POSITIVE_INFINITY) ? "Infinity" : Object.is(value, Number.NEGATIVE_INFINITY) ? "-Infinity" : value,
      ),
    ),
  );
