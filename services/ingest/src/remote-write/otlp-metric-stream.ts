import type { WireWriter } from "@yunwei/otlp";
import type { LabelFrame } from "./label-frame.ts";
import type { RemoteWriteWire } from "./remote-write-wire.ts";
import { writeResource } from "./resource-writer.ts";
import { type MetricMetadata, NO_METADATA, ucumOf } from "./series-kind.ts";

/*
 * ExportMetricsServiceRequest { 1 resource_metrics { 1 resource, 2 scope_metrics { 2 metrics } } }
 *   Metric { 1 name, 2 description, 3 unit, 5 gauge, 7 sum, 9 histogram, 10 exponential_histogram }
 *   Gauge { 1 points }   Sum { 1 points, 2 temporality, 3 monotonic }   Histogram, ExponentialHistogram { 1 points, 2 temporality }
 */

/** Data kinds by their field in Metric. */
export const DATA = { gauge: 5, sum: 7, histogram: 9, exponential: 10 } as const;
export type DataField = (typeof DATA)[keyof typeof DATA];

const TEMPORALITY_CUMULATIVE = 2;

/** What the ingest token leaves open; only then may a label say it. */
export interface OpenPlaces {
  readonly site: boolean;
  readonly department: boolean;
}

/**
 * The envelope of the request being written: opens a resource and a metric when the series in hand needs another than the
 * one that is open. Series of one target and of one metric come one after another, so most points need neither.
 */
export class OtlpMetricStream {
  readonly #wire: RemoteWriteWire;
  readonly #labels: LabelFrame;
  readonly #out: WireWriter;
  readonly #places: OpenPlaces;
  /** Value positions of the labels of the open resource: job, instance, site, department; both 0 where there is none. */
  readonly #resourceSlices = new Int32Array(8);
  #resource = -1;
  #scope = -1;
  #metric = -1;
  #data = -1;
  #dataField: DataField = DATA.gauge;
  #nameStart = 0;
  #nameEnd = 0;
  #metadata: MetricMetadata = NO_METADATA;

  constructor(wire: RemoteWriteWire, labels: LabelFrame, out: WireWriter, places: OpenPlaces) {
    this.#wire = wire;
    this.#labels = labels;
    this.#out = out;
    this.#places = places;
  }

  /** Ready for a point of the series in hand: `wire.open(1)` begins it. */
  prepare(field: DataField, metadata: MetricMetadata): void {
    if (this.#resource < 0 || !this.#resourceIsOpen()) this.#openResource();
    if (this.#metric < 0 || field !== this.#dataField || !this.#metricIsOpen(metadata)) this.#openMetric(field, metadata);
  }

  /** The labels of the series in hand that its resource does not have, as attributes of the point being written. */
  attributes(field: number): void {
    const { slices, count } = this.#labels;
    const { bytes } = this.#wire;
    for (let label = 0; label < count; label++) {
      if (this.#isTaken(label)) continue;
      const at = 4 * label;
      this.#out.keyValue(field, bytes, slices[at]!, slices[at + 1]!, bytes, slices[at + 2]!, slices[at + 3]!);
    }
  }

  /** After the last point. */
  end(): void {
    this.#closeMetric();
    if (this.#resource < 0) return;
    this.#out.close(this.#scope);
    this.#out.close(this.#resource);
    this.#resource = -1;
  }

  #isTaken(label: number): boolean {
    const { metric, job, instance, site, department } = this.#labels;
    if (label === metric || label === job || label === instance) return true;
    return (label === site && this.#places.site) || (label === department && this.#places.department);
  }

  #resourceLabel(which: number): number {
    if (which === 0) return this.#labels.job;
    if (which === 1) return this.#labels.instance;
    if (which === 2) return this.#places.site ? this.#labels.site : -1;
    return this.#places.department ? this.#labels.department : -1;
  }

  #resourceIsOpen(): boolean {
    const open = this.#resourceSlices;
    for (let which = 0; which < 4; which++) {
      const label = this.#resourceLabel(which);
      const start = label < 0 ? 0 : this.#labels.slices[4 * label + 2]!;
      const end = label < 0 ? 0 : this.#labels.slices[4 * label + 3]!;
      if (!this.#same(start, end, open[2 * which]!, open[2 * which + 1]!)) return false;
    }
    return true;
  }

  #openResource(): void {
    this.end();
    const open = this.#resourceSlices;
    for (let which = 0; which < 4; which++) {
      const label = this.#resourceLabel(which);
      open[2 * which] = label < 0 ? 0 : this.#labels.slices[4 * label + 2]!;
      open[2 * which + 1] = label < 0 ? 0 : this.#labels.slices[4 * label + 3]!;
    }
    this.#resource = this.#out.open(1);
    const resource = this.#out.open(1);
    writeResource(this.#out, this.#wire.bytes, open);
    this.#out.close(resource);
    this.#scope = this.#out.open(2);
  }

  #metricIsOpen(metadata: MetricMetadata): boolean {
    const { slices, metric } = this.#labels;
    const { unit, help } = this.#metadata;
    return (
      this.#same(slices[4 * metric + 2]!, slices[4 * metric + 3]!, this.#nameStart, this.#nameEnd) &&
      sameView(unit, metadata.unit) &&
      sameView(help, metadata.help)
    );
  }

  #openMetric(field: DataField, metadata: MetricMetadata): void {
    this.#closeMetric();
    const out = this.#out;
    const { slices, metric } = this.#labels;
    this.#nameStart = slices[4 * metric + 2]!;
    this.#nameEnd = slices[4 * metric + 3]!;
    this.#metadata = metadata;
    this.#dataField = field;
    this.#metric = out.open(2);
    out.bytes(1, this.#wire.bytes, this.#nameStart, this.#nameEnd);
    if (metadata.help.length > 0) out.bytes(2, metadata.help);
    if (metadata.unit.length > 0) out.bytes(3, ucumOf(metadata.unit));
    this.#data = out.open(field);
    if (field !== DATA.gauge) out.number(2, TEMPORALITY_CUMULATIVE);
    if (field === DATA.sum) out.number(3, 1);
  }

  #closeMetric(): void {
    if (this.#metric < 0) return;
    this.#out.close(this.#data);
    this.#out.close(this.#metric);
    this.#metric = -1;
  }

  #same(start: number, end: number, otherStart: number, otherEnd: number): boolean {
    if (start === otherStart && end === otherEnd) return true;
    if (end - start !== otherEnd - otherStart) return false;
    const { bytes } = this.#wire;
    for (let i = 0; i < end - start; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
    return true;
  }
}

/** Whether two views show the same bytes in the same place: texts of one metric do. */
function sameView(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && (a.length === 0 || (a.buffer === b.buffer && a.byteOffset === b.byteOffset)));
}
