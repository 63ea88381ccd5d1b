import type { RequestPacker } from "./request-packer.ts";
import { type Attributes, encodeAttributes } from "./resource-bytes.ts";
import { bytesFieldSize, setUint64, setUnixNano, WireBuffer } from "./wire-buffer.ts";

/** One metric of a resource. Counters and histograms are cumulative; counters are monotonic. */
export interface MetricShape {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "counter" | "histogram";
  /** Sent as int64 instead of double. */
  readonly integer?: boolean;
  /** Attributes of each point; default one point without any. */
  readonly points?: readonly Attributes[];
  /** Bounds of a histogram, ascending. */
  readonly bounds?: readonly number[];
}

const CUMULATIVE = 2;
const DATA_FIELD = { gauge: 5, counter: 7, histogram: 9 } as const;
const FIXED64 = 1;

/**
 * The metrics of one resource, encoded once. Every number in an OTLP data point has a fixed width, so a step only
 * overwrites times and values in place and copies the bytes.
 */
export class MetricTemplate {
  private readonly body = new WireBuffer(2048);
  /** Byte range of each metric: metric m is [ends[m-1], ends[m]). */
  private readonly ends: number[] = [];
  private readonly hidden: boolean[] = [];
  private readonly startAt: number[] = [];
  private readonly timeAt: number[] = [];
  private readonly valueAt: number[] = [];
  private readonly integer: boolean[] = [];
  private readonly scratch = new WireBuffer(2048);

  /** Points in the order of the shapes: the index of a point is what `setNumber` and `setHistogram` take. */
  constructor(shapes: readonly MetricShape[]) {
    for (const shape of shapes) this.addMetric(shape);
  }

  get pointCount(): number {
    return this.valueAt.length;
  }

  setTime(unixMs: number): void {
    for (const at of this.timeAt) setUnixNano(this.body.view, at, unixMs);
  }

  /** Start of all cumulative points. */
  setStart(unixMs: number): void {
    for (const at of this.startAt) setUnixNano(this.body.view, at, unixMs);
  }

  setNumber(point: number, value: number): void {
    const at = this.valueAt[point]!;
    if (this.integer[point]) setUint64(this.body.view, at, Math.max(0, Math.round(value)));
    else this.body.view.setFloat64(at, value, true);
  }

  /** @param buckets - counts, bounds + 1 of them, from `from` on; their sum is the count */
  setHistogram(point: number, sum: number, buckets: Float64Array, from: number, bucketCount: number): void {
    const at = this.valueAt[point]!;
    let count = 0;
    for (let i = 0; i < bucketCount; i++) {
      count += buckets[from + i]!;
      setUint64(this.body.view, at + 17 + bucketHeaderBytes(bucketCount) + i * 8, buckets[from + i]!);
    }
    setUint64(this.body.view, at, count);
    this.body.view.setFloat64(at + 9, sum, true);
  }

  /** A hidden metric is left out of the next requests, as a probe leaves out what it could not measure. */
  setHidden(metric: number, hidden: boolean): void {
    this.hidden[metric] = hidden;
  }

  appendTo(packer: RequestPacker, resource: Uint8Array, scope: Uint8Array): void {
    if (!this.hidden.includes(true)) {
      packer.add(resource, scope, this.body.bytes, 0, this.body.length);
      return;
    }
    this.scratch.clear();
    let from = 0;
    this.ends.forEach((to, metric) => {
      if (!this.hidden[metric]) this.scratch.raw(this.body.bytes, from, to);
      from = to;
    });
    packer.add(resource, scope, this.scratch.bytes, 0, this.scratch.length);
  }

  private addMetric(shape: MetricShape): void {
    const points = (shape.points ?? [{}]).map((attributes) => encodePoint(shape, attributes));
    const pointBytes = points.reduce((sum, point) => sum + bytesFieldSize(point.length), 0);
    const dataBytes = pointBytes + (shape.kind === "gauge" ? 0 : 2) + (shape.kind === "counter" ? 2 : 0);
    const head = new WireBuffer(128);
    head.stringField(1, shape.name);
    head.stringField(3, shape.unit);
    this.body.bytesHeader(2, head.length + bytesFieldSize(dataBytes));
    this.body.raw(head.bytes, 0, head.length);
    this.body.bytesHeader(DATA_FIELD[shape.kind], dataBytes);
    for (const point of points) this.addPoint(shape, point);
    if (shape.kind !== "gauge") this.body.varintField(2, CUMULATIVE);
    if (shape.kind === "counter") this.body.varintField(3, 1);
    this.ends.push(this.body.length);
    this.hidden.push(false);
  }

  private addPoint(shape: MetricShape, point: Uint8Array): void {
    this.body.bytesHeader(1, point.length);
    const base = this.body.length;
    this.body.raw(point, 0, point.length);
    const afterStart = shape.kind === "gauge" ? 0 : 9;
    if (afterStart > 0) this.startAt.push(base + 1);
    this.timeAt.push(base + afterStart + 1);
    this.valueAt.push(base + afterStart + 10);
    this.integer.push(shape.integer === true);
  }
}

function bucketHeaderBytes(bucketCount: number): number {
  return bytesFieldSize(bucketCount * 8) - bucketCount * 8;
}

/** Start (not for gauges), time and value first, so that their offsets do not depend on the attributes. */
function encodePoint(shape: MetricShape, attributes: Attributes): Uint8Array {
  const out = new WireBuffer(256);
  if (shape.kind !== "gauge") out.unixNanoField(2, 0);
  out.unixNanoField(3, 0);
  if (shape.kind !== "histogram") {
    if (shape.integer) out.tag(6, FIXED64);
    else out.tag(4, FIXED64);
    out.raw(new Uint8Array(8), 0, 8);
  } else encodeEmptyHistogram(out, shape.bounds ?? []);
  const encoded = encodeAttributes(shape.kind === "histogram" ? 9 : 7, attributes);
  out.raw(encoded, 0, encoded.length);
  return out.take();
}

function encodeEmptyHistogram(out: WireBuffer, bounds: readonly number[]): void {
  out.tag(4, FIXED64);
  out.raw(new Uint8Array(8), 0, 8);
  out.doubleField(5, 0);
  out.bytesField(6, new Uint8Array((bounds.length + 1) * 8));
  out.bytesField(7, new Uint8Array(Float64Array.from(bounds).buffer));
}
