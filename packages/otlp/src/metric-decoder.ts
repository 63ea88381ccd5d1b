import { behindFields } from "./behind-fields.ts";
import type { Exemplar, MetricDecoding, PointKind, ResourceInfo, SeriesInfo, StreamIdentity } from "./columns.ts";
import { HeaderTable } from "./header-table.ts";
import { readExponentialPoint, readHistogramPoint } from "./histogram-point.ts";
import { CountPool, histogramColumns, numberColumns, QuantilePool, summaryColumns } from "./metric-columns.ts";
import { readNumberPoints } from "./number-point.ts";
import { marksOf } from "./point-columns.ts";
import { PointFrame } from "./point-frame.ts";
import { type RepeatedLimits, RepeatedMetrics } from "./repeated-metrics.ts";
import { ResourceTable } from "./resource-table.ts";
import type { MetricHeader, SeriesGuard } from "./series-table.ts";
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
const LENGTH_DELIMITED = 2;
/** Tags: fields 1, 2 and 3 of a Metric, the points of its data, the Metric in its scope; all length-delimited. */
const TAG_NAME = 0x0a;
const TAG_DESCRIPTION = 0x12;
const TAG_UNIT = 0x1a;
const TAG_POINT = 0x0a;
const TAG_METRIC = 0x12;

export interface MetricDecoderOptions {
  /** false for a door that only checks: no catalogue of series grows, and attributes are checked, not read. */
  readonly keepsSeries?: boolean;
  readonly guard?: SeriesGuard | undefined;
  /** Distinct series that are held; MAX_SERIES by default. */
  readonly maxSeries?: number | undefined;
  /** Of what is known of messages as they came before. */
  readonly repeated?: RepeatedLimits;
}

/** Decodes Export requests of metrics into columns; see MetricDecoding. */
export class MetricDecoder implements MetricDecoding {
  readonly numbers = numberColumns();
  readonly histograms = histogramColumns();
  readonly summaries = summaryColumns();
  readonly buckets = new CountPool();
  readonly quantiles = new QuantilePool();
  readonly frame: PointFrame;
  readonly #wire: Wire;
  #lastResource: ResourceInfo | undefined;
  readonly #resources = new ResourceTable();
  readonly #headers = new HeaderTable();
  readonly #repeated: RepeatedMetrics;
  /** Where the fields of the Metric in hand are that are not its data. */
  readonly #runs: number[] = [];

  constructor(options: MetricDecoderOptions = {}) {
    this.#repeated = new RepeatedMetrics(options.repeated);
    this.frame = new PointFrame(options.keepsSeries ?? true, options.guard, options.maxSeries);
    this.#wire = this.frame.wire;
  }

  /** The resource decoded last; undefined when the request had none. */
  get lastResource(): ResourceInfo | undefined {
    return this.#lastResource;
  }

  get series(): readonly SeriesInfo[] {
    return this.frame.seriesTable.all;
  }

  /** ResourceMetrics messages that were known by their bytes and not walked, ever. */
  get repeats(): number {
    return this.#repeated.hits;
  }

  /** Distinct raw forms of series that were seen; grows without a catalogue too. */
  get rawSeries(): number {
    return this.frame.seriesTable.raw.size;
  }

  /** Whether a catalogue has no room for something new. */
  get isFull(): boolean {
    return this.frame.seriesTable.isFull || this.#headers.isFull || this.#resources.isFull;
  }

  get exemplars(): readonly Exemplar[] {
    return this.frame.exemplars;
  }

  get rejected(): number {
    return this.frame.rejected;
  }

  get problem(): string | undefined {
    return this.frame.problem;
  }

  /** The request decoded last. */
  get body(): Uint8Array {
    return this.#wire.bytes;
  }

  get resources(): readonly ResourceInfo[] {
    return this.#resources.all;
  }

  decode(body: Uint8Array, identity: StreamIdentity): void {
    this.#clear(identity.receivedMs);
    const wire = this.#wire;
    wire.open(body);
    const stream = this.#resources.streamOf(identity);
    try {
      while (wire.next(body.length)) {
        if (wire.field === 1) this.#resourceMetrics(wire.sliceEnd(body.length), identity, stream);
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
    this.frame.clear(receivedMs);
  }

  #resourceMetrics(end: number, identity: StreamIdentity, stream: number): void {
    const wire = this.#wire;
    const start = wire.pos;
    wire.pos = end;
    this.#lastResource = this.#repeated.readNext(this, start, end, stream);
    if (this.#lastResource !== undefined) return;
    wire.pos = start;
    const resource = this.#resources.all[findResource(wire, end, identity, this.#resources)]!;
    this.#lastResource = resource;
    wire.pos = end;
    if (this.#repeated.read(this, start, end, stream, resource)) return;
    const before = marksOf(this);
    const others = this.#others();
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 2) this.#scopeMetrics(wire.sliceEnd(end), resource);
      else wire.skip(end);
    }
    if (this.#others() === others) this.#repeated.learn(this, start, end, stream, resource, before);
  }

  /** Of the request in hand: points that are not numbers or explicit histograms, or were left out, and exemplars. What has any is not known by its bytes. */
  #others(): number {
    const { exemplars, rejected, unrecorded } = this.frame;
    return this.summaries.count + this.quantiles.length + exemplars.length + rejected + unrecorded;
  }

  #scopeMetrics(end: number, resource: ResourceInfo): void {
    const wire = this.#wire;
    const start = wire.pos;
    let scopeStart = start;
    let scopeEnd = start;
    while (wire.next(end)) {
      if (wire.field === 1) {
        scopeEnd = wire.sliceEnd(end);
        scopeStart = wire.pos;
        wire.pos = behindFields(wire.bytes, TAG_METRIC, scopeEnd, end);
      } else wire.skip(end);
    }
    const scope = this.#headers.scope(wire, resource, scopeStart, scopeEnd);
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field === 2) this.#metric(wire.sliceEnd(end), resource, scope);
      else wire.skip(end);
    }
  }

  #metric(end: number, resource: ResourceInfo, scope: number): void {
    const wire = this.#wire;
    const { bytes, pos: start } = wire;
    const runs = this.#runs;
    runs.length = 0;
    // As encoders write it: name, description, unit, and the data to the end.
    let at = behindFields(bytes, TAG_UNIT, behindFields(bytes, TAG_DESCRIPTION, behindFields(bytes, TAG_NAME, start, end), end), end);
    const kind = KIND_BY_FIELD[bytes[at]! >>> 3];
    if (at > start && end - at > 3 && kind !== undefined && (bytes[at]! & 7) === LENGTH_DELIMITED) {
      runs.push(start, at);
      wire.pos = at + 1;
      wire.type = LENGTH_DELIMITED;
      wire.field = bytes[at]! >>> 3;
      if (wire.sliceEnd(end) === end) {
        at = wire.pos;
        this.#data(at, end, kind, resource, scope);
        wire.pos = end;
        return;
      }
      runs.length = 0;
      wire.pos = start;
    }
    this.#anyMetric(end, resource, scope);
  }

  #anyMetric(end: number, resource: ResourceInfo, scope: number): void {
    const wire = this.#wire;
    const runs = this.#runs;
    let runStart = wire.pos;
    let dataField = 0;
    let dataStart = 0;
    let dataEnd = 0;
    while (wire.next(end)) {
      if (KIND_BY_FIELD[wire.field] === undefined) {
        wire.skip(end);
        continue;
      }
      if (wire.tagAt > runStart) runs.push(runStart, wire.tagAt);
      dataField = wire.field;
      dataEnd = wire.sliceEnd(end);
      dataStart = wire.pos;
      wire.pos = dataEnd;
      runStart = dataEnd;
    }
    if (dataField === 0) return;
    if (runStart < end) runs.push(runStart, end);
    this.#data(dataStart, dataEnd, KIND_BY_FIELD[dataField]!, resource, scope);
    wire.pos = end;
  }

  #data(start: number, end: number, kind: PointKind, resource: ResourceInfo, scope: number): void {
    const wire = this.#wire;
    let temporality = 0;
    let monotonic = false;
    wire.pos = behindFields(wire.bytes, TAG_POINT, start, end);
    while (wire.next(end)) {
      if (wire.field === 2 && wire.type === 0) temporality = wire.number(end);
      else if (wire.field === 3 && wire.type === 0) monotonic = wire.number(end) !== 0;
      else wire.skip(end);
    }
    this.frame.temporality = temporality;
    const own = kind === "sum" && temporality === TEMPORALITY_DELTA ? "delta" : kind;
    const header = this.#headers.header(wire, resource, scope, this.#runs, own, monotonic, temporality);
    wire.pos = start;
    if (own === "gauge" || own === "sum" || own === "delta") readNumberPoints(this.frame, end, header, this.numbers);
    else {
      while (wire.next(end)) {
        if (wire.field === 1) this.#point(wire.sliceEnd(end), header);
        else wire.skip(end);
      }
    }
  }

  #point(end: number, header: MetricHeader): void {
    const frame = this.frame;
    frame.begin();
    if (header.kind === "histogram") readHistogramPoint(frame, end, header, this.histograms, this.buckets);
    else if (header.kind === "exponential_histogram") readExponentialPoint(frame, end, header, this.histograms, this.buckets);
    else readSummaryPoint(frame, end, header, this.summaries, this.quantiles);
  }
}
