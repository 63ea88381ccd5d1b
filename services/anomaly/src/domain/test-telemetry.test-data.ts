import type { HistogramColumns, LogColumns, MetricDecoding, NumberColumns, ResourceInfo, SeriesInfo, SpanColumns } from "@yunwei/otlp";
import { hashStrings } from "@yunwei/otlp";
import { entityKeyOf } from "@yunwei/schemas";

/** A resource as the decoders give it. */
export function resourceOf(index: number, attributes: Readonly<Record<string, string>>, source = "token-1", site = "suzhou"): ResourceInfo {
  const entity = entityKeyOf((name) => attributes[name]) ?? "process:p";
  return {
    index,
    resourceId: hashStrings(site, ...Object.entries(attributes).flat()),
    entityId: hashStrings(entity),
    entity,
    service: attributes["service.name"] ?? "",
    site,
    tier: "backbone",
    department: "dept",
    source,
    attributes: new Map(Object.entries(attributes)),
  };
}

/** One span by name; ids are small numbers. */
export interface SpanSketch {
  readonly resource: number;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  readonly trace: number;
  readonly id: number;
  readonly parent?: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed?: boolean;
  /** Index into the strings; 0 = none. */
  readonly peer?: number;
}

const KINDS = ["", "internal", "server", "client", "producer", "consumer"];

/** Columns of sketched spans: the part that detection reads. */
export function spanColumnsOf(sketches: readonly SpanSketch[]): SpanColumns {
  const ids = (of: (sketch: SpanSketch) => number): BigUint64Array => BigUint64Array.from(sketches, (sketch) => BigInt(of(sketch)));
  const numbers = (of: (sketch: SpanSketch) => number): Int32Array => Int32Array.from(sketches, of);
  const columns: Partial<SpanColumns> = {
    count: sketches.length,
    resource: numbers((s) => s.resource),
    kind: Uint8Array.from(sketches, (s) => KINDS.indexOf(s.kind)),
    status: Uint8Array.from(sketches, (s) => (s.failed === true ? 2 : 0)),
    startMs: Float64Array.from(sketches, (s) => s.startMs),
    durationMs: Float64Array.from(sketches, (s) => s.durationMs),
    traceHigh: ids(() => 1),
    traceLow: ids((s) => s.trace),
    spanId: ids((s) => s.id),
    parentId: ids((s) => s.parent ?? 0),
    name: numbers(() => 0),
    peer: numbers((s) => s.peer ?? 0),
  };
  return columns as SpanColumns;
}

/** Columns of log records of one resource: the part that detection reads. */
export function logColumnsOf(records: readonly (readonly [resource: number, timeMs: number, severity: number])[]): LogColumns {
  const columns: Partial<LogColumns> = {
    count: records.length,
    resource: Int32Array.from(records, ([resource]) => resource),
    timeMs: Float64Array.from(records, ([, timeMs]) => timeMs),
    severity: Uint8Array.from(records, ([, , severity]) => severity),
  };
  return columns as LogColumns;
}

/** A decoded request of number points: series by index, with their values. */
export function numbersOf(series: readonly SeriesInfo[], points: readonly (readonly [series: number, timeMs: number, value: number])[]): MetricDecoding {
  const numbers: Partial<NumberColumns> = {
    count: points.length,
    series: Int32Array.from(points, ([index]) => index),
    timeMs: Float64Array.from(points, ([, timeMs]) => timeMs),
    value: Float64Array.from(points, ([, , value]) => value),
  };
  const decoded: Partial<MetricDecoding> = { numbers: numbers as NumberColumns, histograms: { count: 0 } as HistogramColumns, series, resources: [] };
  return decoded as MetricDecoding;
}

/** A series as the metric decoder gives it. */
export function seriesInfoOf(index: number, metric: string, resource: ResourceInfo, kind: SeriesInfo["kind"] = "gauge", monotonic = false): SeriesInfo {
  return { index, seriesId: hashStrings(metric, resource.resourceId), metric, unit: "1", kind, monotonic, resource, scope: "", labels: new Map(), bounds: [] };
}
