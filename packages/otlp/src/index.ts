export { MAX_ATTRIBUTES, readAnyValue, readKeyValue, textOf } from "./attributes.ts";
export { identityOf, inflateBody } from "./body.ts";
export type {
  Counts,
  Decoding,
  Exemplar,
  HistogramColumns,
  LogColumns,
  LogDecoding,
  MetricDecoding,
  NumberColumns,
  PointKind,
  Quantiles,
  ResourceInfo,
  SeriesInfo,
  Slices,
  SpanColumns,
  SpanDecoding,
  StreamIdentity,
  SummaryColumns,
} from "./columns.ts";
export { wider } from "./grow.ts";
export { Hash64, hashStrings, hexOfLanes } from "./hash64.ts";
export { lanesIn } from "./id-lanes.ts";
export { otlpJsonToProtobuf } from "./json/otlp-json.ts";
export { OTLP_REQUESTS } from "./json/otlp-root.ts";
export { LogDecoder } from "./log-decoder.ts";
export { MetricDecoder } from "./metric-decoder.ts";
export { PEER_KIND } from "./peer-attributes.ts";
export { RawTable } from "./raw-table.ts";
export { type DecodedBySignal, MAX_PLAIN_BYTES, type RequestMessage, RequestReader } from "./request-reader.ts";
export { describeResource } from "./resource-table.ts";
export type { SeriesGuard } from "./series-table.ts";
export { SlicePool } from "./slice-pool.ts";
export { SpanDecoder } from "./span-decoder.ts";
export { MAX_AGE_MS, MAX_AHEAD_MS, timeProblem } from "./time-rule.ts";
export { Wire } from "./wire.ts";
export { type GaugeReading, writeGaugeRequest } from "./write/gauge-request.ts";
export { LogRequestWriter, type OutgoingLog } from "./write/log-request-writer.ts";
export { type OutgoingAttributes, writeAttributes } from "./write/outgoing-attributes.ts";
export { WireWriter } from "./write/wire-writer.ts";
