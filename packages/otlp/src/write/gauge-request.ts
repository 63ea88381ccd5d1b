import { type OutgoingAttributes, writeAttributes } from "./outgoing-attributes.ts";
import { WireWriter } from "./wire-writer.ts";

/*
 * ExportMetricsServiceRequest { 1 ResourceMetrics { 1 Resource { 1 attributes }, 2 ScopeMetrics { 1 Scope { 1 name }, 2 Metric } } }
 *   Metric { 1 name, 3 unit, 5 Gauge { 1 NumberDataPoint { 3 time fixed64, 4 as_double, 7 attributes } } }
 */

const FIRST_BYTES = 1024;
const MAX_BYTES = 1024 * 1024;

/** One value of a gauge. */
export interface GaugeReading {
  readonly name: string;
  /** UCUM. */
  readonly unit: string;
  readonly value: number;
}

/** An Export request with gauges of one resource at one time; all points carry the same attributes. @param timeMs - Unix milliseconds, whole */
export function writeGaugeRequest(
  scopeName: string,
  resourceAttributes: OutgoingAttributes,
  readings: readonly GaugeReading[],
  pointAttributes: OutgoingAttributes,
  timeMs: number,
): Uint8Array {
  const out = new WireWriter(FIRST_BYTES, MAX_BYTES);
  const resourceMetrics = out.open(1);
  const resource = out.open(1);
  writeAttributes(out, 1, resourceAttributes);
  out.close(resource);
  const scopeMetrics = out.open(2);
  const scope = out.open(1);
  out.text(1, scopeName);
  out.close(scope);
  for (const { name, unit, value } of readings) {
    const metric = out.open(2);
    out.text(1, name);
    out.text(3, unit);
    const gauge = out.open(5);
    const point = out.open(1);
    out.nanos(3, timeMs);
    out.double(4, value);
    writeAttributes(out, 7, pointAttributes);
    out.close(point);
    out.close(gauge);
    out.close(metric);
  }
  out.close(scopeMetrics);
  out.close(resourceMetrics);
  return out.written;
}
