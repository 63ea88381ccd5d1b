import { OTLP_REQUESTS } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { stringAttributes, unixNano } from "../../otlp-objects/otlp-objects.ts";
import { type DrawnLog, type DrawnSpan, spanAttributes } from "./draw-traces.ts";
import type { RecordedSeries } from "./recorded-series.ts";
import type { Id64 } from "./trace-pool.ts";

/** Items of one request: well below 1 MB, what a bus message may be. */
const MAX_ITEMS = 2_000;
const SCOPE = { name: "nezha" };

/** A point of a series; time in Unix ms. */
export interface SeriesPoint {
  readonly series: RecordedSeries;
  readonly timeMs: number;
  readonly value: number;
}

type Resource = Readonly<Record<string, string>>;

/** Export requests with gauge points, one ResourceMetrics a resource. */
export function metricRequests(points: readonly SeriesPoint[]): Uint8Array[] {
  return requests(
    "metrics",
    points,
    ({ series }) => series.resource,
    "resourceMetrics",
    (own) => ({
      scopeMetrics: [
        {
          scope: SCOPE,
          metrics: own.map(({ series, timeMs, value }) => ({
            name: series.metric,
            unit: series.unit,
            gauge: { dataPoints: [{ attributes: stringAttributes(series.labels), timeUnixNano: unixNano(timeMs), asDouble: value }] },
          })),
        },
      ],
    }),
  );
}

/** Export requests with spans; times and ids as drawn. @param shiftMs - added to every time */
export function spanRequests(spans: readonly DrawnSpan[], shiftMs: number, resourceOf: (pod: string) => Resource): Uint8Array[] {
  return requests(
    "traces",
    spans,
    ({ span }) => resourceOf(span.pod),
    "resourceSpans",
    (own) => ({
      scopeSpans: [
        {
          scope: SCOPE,
          spans: own.map(({ span, trace, id, parent, startMs, endMs }) => ({
            traceId: bytesOf(...trace),
            spanId: bytesOf(id),
            ...(parent === undefined ? {} : { parentSpanId: bytesOf(parent) }),
            name: span.name,
            kind: span.kind,
            startTimeUnixNano: unixNano(startMs + shiftMs),
            endTimeUnixNano: unixNano(endMs + shiftMs),
            attributes: stringAttributes(spanAttributes(span)),
          })),
        },
      ],
    }),
  );
}

/** Export requests with log records. @param shiftMs - added to every time */
export function logRequests(logs: readonly DrawnLog[], shiftMs: number, resourceOf: (pod: string) => Resource): Uint8Array[] {
  return requests(
    "logs",
    logs,
    ({ log }) => resourceOf(log.pod),
    "resourceLogs",
    (own) => ({
      scopeLogs: [
        {
          scope: SCOPE,
          logRecords: own.map(({ log, trace, span, timeMs }) => ({
            timeUnixNano: unixNano(timeMs + shiftMs),
            severityNumber: log.severity,
            body: { stringValue: log.text },
            ...(trace === undefined ? {} : { traceId: bytesOf(...trace) }),
            ...(span === undefined ? {} : { spanId: bytesOf(span) }),
          })),
        },
      ],
    }),
  );
}

function requests<Item>(
  signal: Signal,
  items: readonly Item[],
  resourceOf: (item: Item) => Resource,
  field: string,
  body: (items: readonly Item[]) => object,
): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let from = 0; from < items.length; from += MAX_ITEMS) {
    const byResource = new Map<Resource, Item[]>();
    for (const item of items.slice(from, from + MAX_ITEMS)) {
      const resource = resourceOf(item);
      const own = byResource.get(resource);
      if (own === undefined) byResource.set(resource, [item]);
      else own.push(item);
    }
    const entries = [...byResource].map(([resource, own]) => ({ resource: { attributes: stringAttributes(resource) }, ...body(own) }));
    out.push(OTLP_REQUESTS[signal].encode({ [field]: entries }).finish());
  }
  return out;
}

function bytesOf(...ids: readonly Id64[]): Uint8Array {
  const bytes = Buffer.alloc(8 * ids.length);
  ids.forEach(([high, low], at) => {
    bytes.writeUInt32BE(high, 8 * at);
    bytes.writeUInt32BE(low, 8 * at + 4);
  });
  return bytes;
}
