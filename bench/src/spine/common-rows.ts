import { OTLP_REQUESTS } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";

/** A row of a wide table, as it goes into JSONEachRow. */
export type WideRow = Readonly<Record<string, unknown>>;

/** One wide table a signal with a map of attributes in every row: the shape that OTLP tables usually have in ClickHouse. */
export const WIDE_TABLES: Readonly<Record<Signal, { readonly table: string; readonly columns: string; readonly key: string }>> = {
  metrics: {
    table: "wide_metrics",
    columns:
      "ts DateTime64(3, 'UTC'), service LowCardinality(String), name LowCardinality(String), unit LowCardinality(String), type LowCardinality(String), attrs Map(LowCardinality(String), String), resource Map(LowCardinality(String), String), value Float64, count UInt64, sum Float64, buckets Array(UInt64), bounds Array(Float64)",
    key: "service, name, ts",
  },
  traces: {
    table: "wide_spans",
    columns:
      "ts DateTime64(6, 'UTC'), service LowCardinality(String), name LowCardinality(String), kind UInt8, duration_us UInt64, status UInt8, trace_id String, span_id String, parent_id String, attrs Map(LowCardinality(String), String), resource Map(LowCardinality(String), String), events String",
    key: "service, name, ts",
  },
  logs: {
    table: "wide_logs",
    columns:
      "ts DateTime64(3, 'UTC'), service LowCardinality(String), severity UInt8, body String, trace_id String, span_id String, attrs Map(LowCardinality(String), String), resource Map(LowCardinality(String), String)",
    key: "service, ts",
  },
};

interface Value {
  readonly stringValue?: string;
  readonly intValue?: unknown;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}
type Pairs = readonly { readonly key: string; readonly value?: Value | null }[];
interface Point {
  readonly timeUnixNano: unknown;
  readonly attributes: Pairs;
  readonly asDouble?: number;
  readonly asInt?: unknown;
  readonly count?: unknown;
  readonly sum?: number;
  readonly bucketCounts?: readonly unknown[];
  readonly explicitBounds?: readonly number[];
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly [data: string]: { readonly dataPoints: readonly Point[] } | string | null | undefined;
}
interface Span {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: unknown;
  readonly endTimeUnixNano: unknown;
  readonly attributes: Pairs;
  readonly events: readonly { readonly name: string; readonly timeUnixNano: unknown; readonly attributes: Pairs }[];
  readonly status?: { readonly code: number } | null;
}
interface LogRecord {
  readonly timeUnixNano: unknown;
  readonly severityNumber: number;
  readonly body?: Value | null;
  readonly attributes: Pairs;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
}
interface Entry {
  readonly resource?: { readonly attributes: Pairs } | null;
  readonly scopeMetrics?: readonly { readonly metrics: readonly Metric[] }[];
  readonly scopeSpans?: readonly { readonly spans: readonly Span[] }[];
  readonly scopeLogs?: readonly { readonly logRecords: readonly LogRecord[] }[];
}

const NUMBER_DATA = ["gauge", "sum"] as const;
const FIELD: Readonly<Record<Signal, string>> = { metrics: "resourceMetrics", traces: "resourceSpans", logs: "resourceLogs" };

/** The rows of an Export request, by protobufjs objects: what most services do. */
export function wideRows(signal: Signal, body: Uint8Array): WideRow[] {
  const message = OTLP_REQUESTS[signal].decode(body) as unknown as Record<string, readonly Entry[]>;
  return message[FIELD[signal]]!.flatMap((entry) => {
    const resource = mapOf(entry.resource?.attributes ?? []);
    const shared = { service: resource["service.name"] ?? "", resource };
    if (signal === "metrics") return (entry.scopeMetrics ?? []).flatMap(({ metrics }) => metrics.flatMap((metric) => metricRows(metric, shared)));
    if (signal === "traces") return (entry.scopeSpans ?? []).flatMap(({ spans }) => spans.map((span) => spanRow(span, shared)));
    return (entry.scopeLogs ?? []).flatMap(({ logRecords }) => logRecords.map((record) => logRow(record, shared)));
  });
}

function metricRows(metric: Metric, shared: WideRow): WideRow[] {
  const rows: WideRow[] = [];
  const { name, unit } = metric;
  const add = (type: string, point: Point, values: WideRow): void => {
    rows.push({ ts: timestamp(point.timeUnixNano, 3), ...shared, name, unit, type, attrs: mapOf(point.attributes), ...values });
  };
  for (const type of NUMBER_DATA)
    for (const point of pointsOf(metric, type)) add(type, point, { value: point.asDouble ?? Number(point.asInt), count: 0, sum: 0, buckets: [], bounds: [] });
  for (const point of pointsOf(metric, "histogram")) {
    const { count, sum = 0, bucketCounts = [], explicitBounds = [] } = point;
    add("histogram", point, { value: 0, count: Number(count), sum, buckets: bucketCounts.map(Number), bounds: explicitBounds });
  }
  return rows;
}

function pointsOf(metric: Metric, type: string): readonly Point[] {
  const data = metric[type];
  return typeof data === "object" && data !== null ? data.dataPoints : [];
}

function spanRow(span: Span, shared: WideRow): WideRow {
  const events = span.events.map(({ name, timeUnixNano, attributes }) => ({ name, time: timestamp(timeUnixNano, 6), attributes: mapOf(attributes) }));
  return {
    ts: timestamp(span.startTimeUnixNano, 6),
    ...shared,
    name: span.name,
    kind: span.kind,
    duration_us: Math.round((Number(span.endTimeUnixNano) - Number(span.startTimeUnixNano)) / 1000),
    status: span.status?.code ?? 0,
    trace_id: hex(span.traceId),
    span_id: hex(span.spanId),
    parent_id: hex(span.parentSpanId),
    attrs: mapOf(span.attributes),
    events: JSON.stringify(events),
  };
}

function logRow(record: LogRecord, shared: WideRow): WideRow {
  return {
    ts: timestamp(record.timeUnixNano, 3),
    ...shared,
    severity: record.severityNumber,
    body: record.body?.stringValue ?? "",
    trace_id: hex(record.traceId),
    span_id: hex(record.spanId),
    attrs: mapOf(record.attributes),
  };
}

function mapOf(pairs: Pairs): Record<string, string> {
  const map: Record<string, string> = {};
  for (const { key, value } of pairs) map[key] = value?.stringValue ?? String(value?.intValue ?? value?.doubleValue ?? value?.boolValue ?? "");
  return map;
}

/** @param bytes - an empty array when the field was not sent */
function hex(bytes: Uint8Array | readonly number[]): string {
  return Buffer.from(bytes).toString("hex");
}

/** Nanoseconds as the engine reads a DateTime64 of that many digits. */
function timestamp(nano: unknown, digits: 3 | 6): string {
  const micros = Number(nano) / 1000;
  const text = new Date(micros / 1000).toISOString().slice(0, -1).replace("T", " ");
  return digits === 3 ? text : `${text}${String(Math.floor(micros % 1000)).padStart(3, "0")}`;
}
