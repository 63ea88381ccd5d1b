/** The part of OTLP 1.x that the writer uses, as a protobufjs JSON descriptor: the oracle of the tests. */
type Fields = Readonly<Record<string, readonly [type: string, id: number, rule?: "repeated"]>>;

const message = (fields: Fields, oneof?: string[]) => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, [type, id, rule]]) => [name, rule === undefined ? { type, id } : { type, id, rule }])),
  ...(oneof === undefined ? {} : { oneofs: { value: { oneof } } }),
});

const resource = { resource: ["Resource", 1] } as const;
const scope = { scope: ["InstrumentationScope", 1] } as const;

export const OTLP_DESCRIPTOR = {
  nested: {
    ExportMetricsServiceRequest: message({ resourceMetrics: ["ResourceMetrics", 1, "repeated"] }),
    ExportTraceServiceRequest: message({ resourceSpans: ["ResourceSpans", 1, "repeated"] }),
    ExportLogsServiceRequest: message({ resourceLogs: ["ResourceLogs", 1, "repeated"] }),
    ResourceMetrics: message({ ...resource, scopeMetrics: ["ScopeMetrics", 2, "repeated"] }),
    ResourceSpans: message({ ...resource, scopeSpans: ["ScopeSpans", 2, "repeated"] }),
    ResourceLogs: message({ ...resource, scopeLogs: ["ScopeLogs", 2, "repeated"] }),
    ScopeMetrics: message({ ...scope, metrics: ["Metric", 2, "repeated"] }),
    ScopeSpans: message({ ...scope, spans: ["Span", 2, "repeated"] }),
    ScopeLogs: message({ ...scope, logRecords: ["LogRecord", 2, "repeated"] }),
    Resource: message({ attributes: ["KeyValue", 1, "repeated"] }),
    InstrumentationScope: message({ name: ["string", 1], version: ["string", 2] }),
    KeyValue: message({ key: ["string", 1], value: ["AnyValue", 2] }),
    AnyValue: message({ stringValue: ["string", 1], boolValue: ["bool", 2], intValue: ["int64", 3], doubleValue: ["double", 4] }, [
      "stringValue",
      "boolValue",
      "intValue",
      "doubleValue",
    ]),
    Metric: message({ name: ["string", 1], unit: ["string", 3], gauge: ["Gauge", 5], sum: ["Sum", 7], histogram: ["Histogram", 9] }),
    Gauge: message({ dataPoints: ["NumberDataPoint", 1, "repeated"] }),
    Sum: message({ dataPoints: ["NumberDataPoint", 1, "repeated"], aggregationTemporality: ["int32", 2], isMonotonic: ["bool", 3] }),
    Histogram: message({ dataPoints: ["HistogramDataPoint", 1, "repeated"], aggregationTemporality: ["int32", 2] }),
    NumberDataPoint: message(
      {
        attributes: ["KeyValue", 7, "repeated"],
        startTimeUnixNano: ["fixed64", 2],
        timeUnixNano: ["fixed64", 3],
        asDouble: ["double", 4],
        asInt: ["sfixed64", 6],
        flags: ["uint32", 8],
      },
      ["asDouble", "asInt"],
    ),
    HistogramDataPoint: message({
      attributes: ["KeyValue", 9, "repeated"],
      startTimeUnixNano: ["fixed64", 2],
      timeUnixNano: ["fixed64", 3],
      count: ["fixed64", 4],
      sum: ["double", 5],
      bucketCounts: ["fixed64", 6, "repeated"],
      explicitBounds: ["double", 7, "repeated"],
    }),
    Span: message({
      traceId: ["bytes", 1],
      spanId: ["bytes", 2],
      parentSpanId: ["bytes", 4],
      name: ["string", 5],
      kind: ["int32", 6],
      startTimeUnixNano: ["fixed64", 7],
      endTimeUnixNano: ["fixed64", 8],
      attributes: ["KeyValue", 9, "repeated"],
      status: ["Status", 15],
    }),
    Status: message({ message: ["string", 2], code: ["int32", 3] }),
    LogRecord: message({
      timeUnixNano: ["fixed64", 1],
      observedTimeUnixNano: ["fixed64", 11],
      severityNumber: ["int32", 2],
      severityText: ["string", 3],
      body: ["AnyValue", 5],
      traceId: ["bytes", 9],
      spanId: ["bytes", 10],
    }),
  },
};
