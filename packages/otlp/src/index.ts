export type {
  HistogramColumns,
  LogColumns,
  LogDecoding,
  MetricDecoding,
  NumberColumns,
  PointKind,
  ResourceInfo,
  SeriesInfo,
  SpanColumns,
  SpanDecoding,
  StreamIdentity,
} from "./columns.ts";
