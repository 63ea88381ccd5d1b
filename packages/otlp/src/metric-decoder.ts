import { textOf } from "./attributes.ts";
import type { Exemplar, MetricDecoding, PointKind, ResourceInfo, SeriesInfo, StreamIdentity } from "./columns.ts";
import { Hash64 } from "./hash64.ts";
import { readExponentialPoint, readHistogramPoint } from "./histogram-point.ts";
import { CountPool, histogramColumns, numberColumns, QuantilePool, summaryColumns } from "./metric-columns.ts";
import { readNumberPoint } from "./number-point.ts";
import { PointFrame } from "./point-frame.ts";
import { ResourceTable } from "./resource-table.ts";
import type { MetricHeader } from "./series-table.ts";
import { readSummaryPoint } from "./summary-point.ts";
import { findResource } from "./walk-request.ts";
import type { Wire } from "./wire.ts";

/*
 * opentelemetry.proto.metrics.v1
 *   ExportMetricsServiceRequest { 1 resource_metrics }
 *   ResourceMetrics { 1 resource, 2 scope_metrics }      ScopeMetrics { 1 scope { 1 name, 2 version }, 2 metrics }
 *   Metric { 1 name, 3 unit, 5 gauge, 7 sum, 9 histogram, 10 exponential_histogram, 11 summary }
 *   Gauge { 1 points }   Sum { 1 points, 2 temporality, 3 monotonic }   Histogram, ExponentialHistogram { 1 points, 2 temporality }   Summary { 1 points }
 * Fields may come in any order, so what the points of a message share is read first.
 */

const KIND_BY_FIELD: readonly (PointKind | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  "gauge",
  undefined,
  "sum",
  undefined,
  "histogram",
  "exponential_histogram",
  "summary",
];
const TEMPORALITY_DELTA = 1;

/** Decodes Export requests of metrics into columns; see MetricDecoding. */
export class MetricDecoder implements MetricDecoding {
  readonly numbers = numberColumns();
  readonly histograms = histogramColumns();
  readonly summaries = summaryColumns();
  readonly buckets = new CountPool();
  readonly quantiles = new QuantilePool();
  readonly #frame: PointFrame;
  readonly #wire: Wire;
  #lastResource: ResourceInfo | undefined;
  readonly #resources = new ResourceTable();
  readonly #hash = new Hash64();

  /** @param options.keepsSeries - false for a door that only checks: no catalogue of series grows, and attributes are checked, not read */
  constructor(options: { readonly keepsSeries?: boolean } = {}) {
    this.#frame = new PointFrame(options.keepsSeries ?? true);
    this.#wire = this.#frame.wire;
  }

  /** The resource decoded last; undefined when the request had none. */
  get lastResource(): ResourceInfo | undefined {
    return this.#lastResource;
  }

  get series(): readonly SeriesInfo[] {
    return this.#frame.seriesTable.all;
  }

  get exemplars(): readonly Exemplar[] {
    return this.#frame.exemplars;
  }

  get rejected(): number {
    return this.#frame.rejected;
  }

  get problem(): string | undefined {
    return this.#frame.problem;
  }

  get resources(): readonly ResourceInfo[] {
    return this.#resources.all;
  }

  decode(body: Uint8Array, identity: StreamIdentity): void {
    this.#clear(identity.receivedMs);
    const wire = this.#wire;
    wire.open(body);
    try {
      while (wire.next(body.length)) {
        if (wire.field === 1) this.#resourceMetrics(wire.sliceEnd(body.length), identity);
        else wire.skip(body.length);
      }
    } catch (error) {
      this.#clear(identity.receivedMs);
      throw error;
    }
  }

  #clear(receivedMs: number): void {
    this.#lastResource = undefined;
    this.numbers.count = 0;
    this.histograms.count = 0;
    this.summaries.count = 0;
    this.buckets.length = 0;
    this.quantiles.length = 0;
    this.#frame.clear(receivedMs);
  }

  #resourceMetrics(end: number, identity: StreamIdentity): void {
    const wire = this.#wire;
    const start = wire.pos;
    const resource = this.#resources.all[findResource(wire, end, identity, this.#resources)]!;
    this.#lastResource = resource;
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 2) this.#scopeMetrics(wire.sliceEnd(end), resource);
      else wire.skip(end);
    }
  }

  #scopeMetrics(end: number, resource: ResourceInfo): void {
    const wire = this.#wire;
    const start = wire.pos;
    let scope = "";
    while (wire.next(end)) {
      if (wire.field === 1) scope = readScope(wire, wire.sliceEnd(end));
      else wire.skip(end);
    }
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 2) this.#metric(wire.sliceEnd(end), resource, scope);
      else wire.skip(end);
    }
  }

  #metric(end: number, resource: ResourceInfo, scope: string): void {
    const wire = this.#wire;
    const hash = this.#hash;
    const start = wire.pos;
    let nameStart = start;
    let nameEnd = start;
    let unitStart = start;
    let unitEnd = start;
    let dataField = 0;
    let dataStart = 0;
    let dataEnd = 0;
    while (wire.next(end)) {
      const { field } = wire;
      if (field !== 1 && field !== 3 && KIND_BY_FIELD[field] === undefined) {
        wire.skip(end);
        continue;
      }
      const sliceEnd = wire.sliceEnd(end);
      if (field === 1) {
        nameStart = wire.pos;
        nameEnd = sliceEnd;
      } else if (field === 3) {
        unitStart = wire.pos;
        unitEnd = sliceEnd;
      } else {
        dataField = field;
        dataStart = wire.pos;
        dataEnd = sliceEnd;
      }
      wire.pos = sliceEnd;
    }
    if (dataField === 0) return;
    hash.reset();
    hash.addLanes(resource.index, dataField);
    hash.add(wire.bytes, nameStart, nameEnd);
    hash.add(wire.bytes, unitStart, unitEnd);
    const kind = KIND_BY_FIELD[dataField]!;
    const header: MetricHeader = {
      resource,
      scope,
      metric: textOf(wire, nameStart, nameEnd),
      unit: textOf(wire, unitStart, unitEnd),
      kind,
      monotonic: false,
      high: hash.high,
      low: hash.low,
    };
    this.#data(dataStart, dataEnd, header);
    wire.pos = end;
  }

  #data(start: number, end: number, header: MetricHeader): void {
    const wire = this.#wire;
    this.#frame.temporality = 0;
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 2 && wire.type === 0) this.#frame.temporality = wire.number(end);
      else if (wire.field === 3 && wire.type === 0) header.monotonic = wire.number(end) !== 0;
      else wire.skip(end);
    }
    if (header.kind === "sum" && this.#frame.temporality === TEMPORALITY_DELTA) header.kind = "delta";
    this.#hash.high = header.high;
    this.#hash.low = header.low;
    this.#hash.addLanes(this.#frame.temporality, header.monotonic ? 1 : 0);
    const scopeLane = laneOf(header.scope);
    this.#hash.addLanes(scopeLane, scopeLane);
    header.high = this.#hash.high;
    header.low = this.#hash.low;
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 1) this.#point(wire.sliceEnd(end), header);
      else wire.skip(end);
    }
  }

  #point(end: number, header: MetricHeader): void {
    const frame = this.#frame;
    frame.begin();
    switch (header.kind) {
      case "histogram":
        readHistogramPoint(frame, end, header, this.histograms, this.buckets);
        break;
      case "exponential_histogram":
        readExponentialPoint(frame, end, header, this.histograms, this.buckets);
        break;
      case "summary":
        readSummaryPoint(frame, end, header, this.summaries, this.quantiles);
        break;
      default:
        readNumberPoint(frame, end, header, this.numbers);
    }
  }
}

function readScope(wire: Wire, end: number): string {
  let name = "";
  let version = "";
  while (wire.next(end)) {
    if (wire.field === 1 || wire.field === 2) {
      const sliceEnd = wire.sliceEnd(end);
      const text = textOf(wire, wire.pos, sliceEnd);
      if (wire.field === 1) name = text;
      else version = text;
      wire.pos = sliceEnd;
    } else wire.skip(end);
  }
  return version === "" ? name : `${name}@${version}`;
}

/** A 32-bit lane of a short text; computed once a scope. */
function laneOf(text: string): number {
  let lane = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) lane = Math.imul(lane ^ text.charCodeAt(i), 0x01000193);
  return lane;
}
