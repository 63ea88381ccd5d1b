import { behindFields } from "./behind-fields.ts";
import type { HistogramColumns } from "./columns.ts";
import type { CountPool } from "./metric-columns.ts";
import type { PointFrame } from "./point-frame.ts";
import { FIXED_FIELD } from "./point-places.ts";
import { putHistogram } from "./put-histogram.ts";
import type { MetricHeader } from "./series-table.ts";

/*
 * A HistogramDataPoint as encoders write it, field by field in the order of their numbers (bytes in hexadecimal):
 *   [11 start:8] 19 time:8 [21 count:8] [29 sum:8] 32 length counts 3a length bounds (4a length KeyValue)* [59 min:8] [61 max:8]
 */

const TAG_START = 0x11;
const TAG_TIME = 0x19;
const TAG_COUNT = 0x21;
const TAG_SUM = 0x29;
const TAG_COUNTS = 0x32;
const TAG_BOUNDS = 0x3a;
const TAG_ATTRIBUTE = 0x4a;
const TAG_MIN = 0x59;
const TAG_MAX = 0x61;

/**
 * Reads the HistogramDataPoint `[pos, end)` when it is written in the usual order and is of a known series;
 * its attributes and bounds are compared as bytes. @returns false with everything as it was when it is not so
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one straight run over the bytes; calls between would cost more than the work
export function readKnownHistogram(frame: PointFrame, end: number, header: MetricHeader, columns: HistogramColumns, buckets: CountPool): boolean {
  const { wire } = frame;
  const { bytes, view } = wire;
  let at = wire.pos;
  const startAt = bytes[at] === TAG_START ? at + 1 : 0;
  if (startAt > 0) at += FIXED_FIELD;
  if (end - at < FIXED_FIELD + 4 || bytes[at] !== TAG_TIME) return false;
  const timeAt = at + 1;
  const timeMs = nanosAsMs(view, timeAt);
  if (!(timeMs >= frame.earliestMs && timeMs <= frame.latestMs)) return false;
  at += FIXED_FIELD;
  // An encoder of proto3 leaves out a count of 0.
  const countAt = bytes[at] === TAG_COUNT && end - at > FIXED_FIELD ? at + 1 : 0;
  if (countAt > 0) at += FIXED_FIELD;
  const observations = countAt > 0 ? view.getUint32(countAt + 4, true) * 4294967296 + view.getUint32(countAt, true) : 0;
  let sum = Number.NaN;
  let sumAt = 0;
  if (bytes[at] === TAG_SUM && end - at > FIXED_FIELD) {
    sumAt = at + 1;
    sum = view.getFloat64(sumAt, true);
    at += FIXED_FIELD;
  }
  const countBytes = shortLength(bytes, at, end, TAG_COUNTS);
  const countsAt = at + lengthBytes(countBytes);
  if (countBytes < 0 || countBytes % 8 !== 0 || countsAt + countBytes > end) return false;
  at = countsAt + countBytes;
  const boundBytes = shortLength(bytes, at, end, TAG_BOUNDS);
  const boundsAt = at + lengthBytes(boundBytes);
  if (boundBytes < 0 || boundBytes % 8 !== 0 || boundsAt + boundBytes > end) return false;
  at = boundsAt + boundBytes;
  const { raw } = frame.seriesTable;
  const attributesAt = at;
  const attributeBytes = raw.follows(view, header.entry, at, end, boundsAt, boundsAt + boundBytes);
  if (attributeBytes >= 0) at += attributeBytes;
  else {
    at = behindFields(bytes, TAG_ATTRIBUTE, at, end);
    if (raw.find(view, header.entry, attributesAt, at, boundsAt, boundsAt + boundBytes) < 0) return false;
  }
  const minAt = end - at >= FIXED_FIELD && bytes[at] === TAG_MIN ? at + 1 : 0;
  if (minAt > 0) at += FIXED_FIELD;
  const maxAt = end - at >= FIXED_FIELD && bytes[at] === TAG_MAX ? at + 1 : 0;
  if (maxAt > 0) at += FIXED_FIELD;
  if (at !== end) {
    return false;
  }
  const min = minAt > 0 ? view.getFloat64(minAt, true) : Number.NaN;
  const max = maxAt > 0 ? view.getFloat64(maxAt, true) : Number.NaN;
  frame.timeMs = timeMs;
  frame.startMs = startAt > 0 ? nanosAsMs(view, startAt) : 0;
  frame.flags = 0;
  const bucketFrom = buckets.length;
  buckets.take(view, countsAt, countBytes / 8);
  const row = putHistogram(frame, columns, frame.seriesTable.of(raw.last), observations, sum, min, max, bucketFrom, buckets.length);
  frame.places.histogram(row, startAt, timeAt, countAt, sumAt, countsAt, countBytes / 8, minAt, maxAt);
  wire.pos = end;
  return true;
}

function nanosAsMs(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 4294.967296 + view.getUint32(at, true) / 1e6;
}

/** The length behind the tag at `at` when the tag is there and the length is of one or two bytes; else -1. */
function shortLength(bytes: Uint8Array, at: number, end: number, tag: number): number {
  if (end - at < 3 || bytes[at] !== tag) return -1;
  const low = bytes[at + 1]!;
  if (low < 0x80) return low;
  const high = bytes[at + 2]!;
  return high < 0x80 ? (low & 0x7f) | (high << 7) : -1;
}

/** Bytes of a tag and its length; an encoder that writes a length longer than need be is told by the bytes that then do not fit. */
function lengthBytes(length: number): number {
  return length < 0x80 ? 2 : 3;
}
