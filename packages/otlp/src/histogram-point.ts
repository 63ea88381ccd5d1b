import type { HistogramColumns } from "./columns.ts";
import { readKnownHistogram } from "./known-histogram.ts";
import type { CountPool } from "./metric-columns.ts";
import type { PointFrame } from "./point-frame.ts";
import { putHistogram } from "./put-histogram.ts";
import type { MetricHeader } from "./series-table.ts";
import type { Wire } from "./wire.ts";

/*
 * HistogramDataPoint { 2 start, 3 time, 4 count, 5 sum, 6 bucket_counts, 7 explicit_bounds, 8 exemplars, 9 attributes, 10 flags, 11 min, 12 max }
 * ExponentialHistogramDataPoint { 1 attributes, 2 start, 3 time, 4 count, 5 sum, 6 scale, 7 zero_count, 8 positive, 9 negative, 10 flags, 11 exemplars, 12 min, 13 max, 14 zero_threshold }
 *   Buckets { 1 offset sint32, 2 bucket_counts }
 */

/** Reads the HistogramDataPoint `[pos, end)` into `columns` and its counts into `buckets`. */
export function readHistogramPoint(frame: PointFrame, end: number, header: MetricHeader, columns: HistogramColumns, buckets: CountPool): void {
  const { wire } = frame;
  if (readKnownHistogram(frame, end, header, columns, buckets)) return;
  let observations = 0;
  let sum = Number.NaN;
  let min = Number.NaN;
  let max = Number.NaN;
  const bucketFrom = buckets.length;
  while (wire.next(end)) {
    switch (wire.field) {
      case 4:
        wire.fixed64(end);
        observations = wire.unsigned();
        break;
      case 5:
        sum = wire.double(end);
        break;
      case 6:
        fixedCounts(wire, end, buckets);
        break;
      case 7:
        bounds(frame, end);
        break;
      case 8:
        frame.exemplar(end);
        break;
      case 9:
        frame.attribute(end);
        break;
      case 10:
        frame.flags = wire.number(end);
        break;
      case 11:
        min = wire.double(end);
        break;
      case 12:
        max = wire.double(end);
        break;
      default:
        frame.times(end);
    }
  }
  putHistogram(frame, columns, frame.accept(header), observations, sum, min, max, bucketFrom, buckets.length);
}

/** Reads the ExponentialHistogramDataPoint `[pos, end)` into `columns` and its counts into `buckets`. */
export function readExponentialPoint(frame: PointFrame, end: number, header: MetricHeader, columns: HistogramColumns, buckets: CountPool): void {
  const { wire } = frame;
  let observations = 0;
  let sum = Number.NaN;
  let min = Number.NaN;
  let max = Number.NaN;
  let scale = 0;
  let zeroCount = 0;
  let zeroThreshold = 0;
  const span = { positiveOffset: 0, negativeOffset: 0, positiveFrom: 0, positiveTo: 0, negativeFrom: 0, negativeTo: 0 };
  while (wire.next(end)) {
    switch (wire.field) {
      case 1:
        frame.attribute(end);
        break;
      case 4:
        wire.fixed64(end);
        observations = wire.unsigned();
        break;
      case 5:
        sum = wire.double(end);
        break;
      case 6:
        scale = zigzag(wire.number(end));
        break;
      case 7:
        wire.fixed64(end);
        zeroCount = wire.unsigned();
        break;
      case 8:
        span.positiveFrom = buckets.length;
        span.positiveOffset = varintBuckets(wire, wire.sliceEnd(end), buckets);
        span.positiveTo = buckets.length;
        break;
      case 9:
        span.negativeFrom = buckets.length;
        span.negativeOffset = varintBuckets(wire, wire.sliceEnd(end), buckets);
        span.negativeTo = buckets.length;
        break;
      case 10:
        frame.flags = wire.number(end);
        break;
      case 11:
        frame.exemplar(end);
        break;
      case 12:
        min = wire.double(end);
        break;
      case 13:
        max = wire.double(end);
        break;
      case 14:
        zeroThreshold = wire.double(end);
        break;
      default:
        frame.times(end);
    }
  }
  const row = putHistogram(frame, columns, frame.accept(header), observations, sum, min, max, span.positiveFrom, span.positiveTo);
  if (row < 0) return;
  columns.exponential[row] = 1;
  columns.scale[row] = scale;
  columns.zeroCount[row] = zeroCount;
  columns.zeroThreshold[row] = zeroThreshold;
  columns.positiveOffset[row] = span.positiveOffset;
  columns.negativeOffset[row] = span.negativeOffset;
  columns.negativeFrom[row] = span.negativeFrom;
  columns.negativeTo[row] = span.negativeTo;
}

/** Bucket counts: packed fixed64, or one by one as old encoders write them. */
function fixedCounts(wire: Wire, end: number, buckets: CountPool): void {
  if (wire.type === 1) {
    wire.fixed64(end);
    buckets.push(wire.high, wire.low);
    return;
  }
  const packedEnd = wire.sliceEnd(end);
  if ((packedEnd - wire.pos) % 8 !== 0) wire.fail("bucket counts that are not whole 8 bytes");
  wire.type = 1;
  while (wire.pos < packedEnd) {
    wire.fixed64(packedEnd);
    buckets.push(wire.high, wire.low);
  }
}

function bounds(frame: PointFrame, end: number): void {
  const { wire } = frame;
  if (wire.type === 1) wire.fail("explicit bounds must be packed");
  const packedEnd = wire.sliceEnd(end);
  if ((packedEnd - wire.pos) % 8 !== 0) wire.fail("explicit bounds that are not whole 8 bytes");
  frame.boundsStart = wire.pos;
  frame.boundsEnd = packedEnd;
  wire.pos = packedEnd;
}

/** Buckets of an exponential histogram go to the pool; the offset is returned. */
function varintBuckets(wire: Wire, end: number, buckets: CountPool): number {
  let offset = 0;
  while (wire.next(end)) {
    if (wire.field === 1) offset = zigzag(wire.number(end));
    else if (wire.field === 2) {
      const packedEnd = wire.type === 0 ? end : wire.sliceEnd(end);
      const single = wire.type === 0;
      do {
        if (wire.pos >= packedEnd) break;
        wire.varint(packedEnd);
        buckets.push(wire.high, wire.low);
      } while (!single);
    } else wire.skip(end);
  }
  return offset;
}

function zigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
