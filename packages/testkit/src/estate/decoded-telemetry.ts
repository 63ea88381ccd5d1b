import { entityKeyOf } from "@yunwei/schemas";
import protobuf from "protobufjs";
import { OTLP_DESCRIPTOR } from "../otlp-writer/otlp-descriptor.ts";
import type { EstateRequest } from "./telemetry-uplink.ts";

/** Telemetry as an independent decoder (protobufjs) reads it: for tests, which want to see what a consumer would see. */
export interface DecodedPoint {
  readonly entity: string;
  readonly metric: string;
  readonly unit: string;
  readonly labels: string;
  readonly timeMs: number;
  /** Of a histogram: the sum. */
  readonly value: number;
  /** Of a histogram, else 1. */
  readonly count: number;
}

export interface DecodedSpan {
  readonly service: string;
  readonly site: string;
  readonly version: string;
  readonly kind: number;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly peer: string;
}

export interface DecodedLog {
  readonly entity: string;
  readonly severity: number;
  readonly body: string;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface RawPoint {
  readonly attributes?: Attribute[];
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly asInt?: string;
  readonly sum?: number;
  readonly count?: string;
}
interface RawMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { dataPoints: RawPoint[] };
  readonly sum?: { dataPoints: RawPoint[] };
  readonly histogram?: { dataPoints: RawPoint[] };
}
interface RawSpan {
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Attribute[];
  readonly status?: { readonly code?: number };
}
interface RawLog {
  readonly severityNumber: number;
  readonly body: { readonly stringValue: string };
}
interface RawResource<S> {
  readonly resource: { readonly attributes: Attribute[] };
  readonly scopeMetrics?: S[];
  readonly scopeSpans?: S[];
  readonly scopeLogs?: S[];
}

const root = protobuf.Root.fromJSON(OTLP_DESCRIPTOR);
const TYPE = { metrics: "ExportMetricsServiceRequest", traces: "ExportTraceServiceRequest", logs: "ExportLogsServiceRequest" } as const;

function decode<S>({ signal, body }: EstateRequest): RawResource<S>[] {
  const type = root.lookupType(TYPE[signal]);
  const request = type.toObject(type.decode(body), { longs: String, bytes: String }) as Record<string, RawResource<S>[]>;
  return Object.values(request).flat();
}

const reader = (attributes: readonly Attribute[]) => (name: string) => attributes.find((attribute) => attribute.key === name)?.value.stringValue;
/** The milliseconds of a nanosecond count in decimal. */
const toMs = (nanos: string) => Number(nanos.slice(0, -6)) + Number(nanos.slice(-6)) / 1_000_000;

export function decodePoints(requests: readonly EstateRequest[]): DecodedPoint[] {
  return requests
    .filter((request) => request.signal === "metrics")
    .flatMap((request) => decode<{ metrics: RawMetric[] }>(request))
    .flatMap(({ resource, scopeMetrics }) => {
      const entity = entityKeyOf(reader(resource.attributes)) ?? "";
      return (scopeMetrics ?? []).flatMap((scope) => scope.metrics).flatMap((metric) => pointsOf(entity, metric));
    });
}

function pointsOf(entity: string, metric: RawMetric): DecodedPoint[] {
  const { dataPoints } = metric.gauge ?? metric.sum ?? metric.histogram ?? { dataPoints: [] };
  return dataPoints.map((point) => ({
    entity,
    metric: metric.name,
    unit: metric.unit,
    labels: (point.attributes ?? []).map((attribute) => attribute.value.stringValue).join("/"),
    timeMs: toMs(point.timeUnixNano),
    value: point.asDouble ?? point.sum ?? Number(point.asInt),
    count: Number(point.count ?? 1),
  }));
}

export function decodeSpans(requests: readonly EstateRequest[]): DecodedSpan[] {
  return requests
    .filter((request) => request.signal === "traces")
    .flatMap((request) => decode<{ spans: RawSpan[] }>(request))
    .flatMap(({ resource, scopeSpans }) => {
      const get = reader(resource.attributes);
      const owner = { service: get("service.name") ?? "", site: get("yunwei.site") ?? "", version: get("service.version") ?? "" };
      return (scopeSpans ?? []).flatMap((scope) => scope.spans).map((span) => ({ ...owner, ...spanOf(span) }));
    });
}

function spanOf(span: RawSpan) {
  const get = reader(span.attributes);
  return {
    kind: span.kind,
    trace: span.traceId,
    id: span.spanId,
    parent: span.parentSpanId ?? "",
    startMs: toMs(span.startTimeUnixNano),
    durationMs: toMs(span.endTimeUnixNano) - toMs(span.startTimeUnixNano),
    failed: span.status?.code === 2,
    peer: get("service.peer.name") ?? get("server.address") ?? "",
  };
}

export function decodeLogs(requests: readonly EstateRequest[]): DecodedLog[] {
  return requests
    .filter((request) => request.signal === "logs")
    .flatMap((request) => decode<{ logRecords: RawLog[] }>(request))
    .flatMap(({ resource, scopeLogs }) => {
      const entity = entityKeyOf(reader(resource.attributes)) ?? "";
      return (scopeLogs ?? [])
        .flatMap((scope) => scope.logRecords)
        .map((record) => ({ entity, severity: record.severityNumber, body: record.body.stringValue }));
    });
}
