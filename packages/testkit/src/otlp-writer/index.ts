export { type LogLevel, writeLog } from "./log-writer.ts";
export { type MetricShape, MetricTemplate } from "./metric-template.ts";
export { RecordSink } from "./record-sink.ts";
export { RequestPacker } from "./request-packer.ts";
export { type Attributes, encodeResourceField, encodeScopeField } from "./resource-bytes.ts";
export { SPAN_KIND_CLIENT, SPAN_KIND_SERVER, type SpanIdentity, type SpanTemplate, spanTemplate, writeSpan } from "./span-writer.ts";
