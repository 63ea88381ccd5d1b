import type { HistogramColumns } from "./columns.ts";
import type { CountPool } from "./metric-columns.ts";
import type { PointFrame } from "./point-frame.ts";
import { putHistogram } from "./put-histogram.ts";
import type { MetricHeader } from "./series-table.ts";

/*
 * A HistogramDataPoint as encoders write it, field by field in the order of their numbers (bytes in hexadecimal):
 *   [11 start:8] 19 time:8 21 count:8 [29 sum:8] 32 length counts 3a length bounds (4a length KeyValue)* [59 min:8] [61 max:8]
 */

const TAG_START = 0x11;
const TAG_TIME = 0x19;
const TAG_COUNT = 0x21;
const TAG_SUM = 0x29;
const TAG_COUNTS = 0x32;
const TAG_BOUNDS = 0x3a;
const TAG_MIN = 0x59;
const TAG_MAX = 0x61;
/** A tag and eight bytes. */
const FIXED_FIELD = 9;

/**
 * Reads the HistogramDataPoint `[pos, end)` when it is written in the usual order and is of the series after the last one;
 * its attributes and bounds are compared as bytes. @returns false with everything as it was when it is not so
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one straight run over the bytes; calls between would cost more than the work
export function readKnownHistogram(frame: PointFrame, end: number, header: MetricHeader, columns: HistogramColumns, buckets: CountPool): boolean {
  const { wire } = frame;
  const { bytes, view } = wire;
  let at = wire.pos;
  const startAt = bytes[at] === TAG_START ? at + 1 : 0;
  if (startAt > 0) at += FIXED_FIELD;
  if (end - at < 2 * FIXED_FIELD + 4 || bytes[at] !== TAG_TIME || bytes[at + FIXED_FIELD] !== TAG_COUNT) return false;
  const timeMs = nanosAsMs(view, at + 1);
  if (!(timeMs >= frame.earliestMs && timeMs <= frame.latestMs)) return false;
  const observations = view.getUint32(at + FIXED_FIELD + 5, true) * 4294967296 + view.getUint32(at + FIXED_FIELD + 1, true);
  at += 2 * FIXED_FIELD;
  let sum = Number.NaN;
  if (bytes[at] === TAG_SUM && end - at > FIXED_FIELD) {
    sum = view.getFloat64(at + 1, true);
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
  const attributeBytes = raw.follows(view, header.entry, at, end, boundsAt, boundsAt + boundBytes);
  if (attributeBytes < 0) return false;
  at += attributeBytes;
  const min = end - at >= FIXED_FIELD && bytes[at] === TAG_MIN ? view.getFloat64(at + 1, true) : Number.NaN;
  const maxAt = end - at >= FIXED_FIELD && bytes[at] === TAG_MIN ? at + FIXED_FIELD : at;
  const max = end - maxAt >= FIXED_FIELD && bytes[maxAt] === TAG_MAX ? view.getFloat64(maxAt + 1, true) : Number.NaN;
  if ((end - maxAt >= FIXED_FIELD && bytes[maxAt] === TAG_MAX ? maxAt + FIXED_FIELD : maxAt) !== end) {
    raw.stepBack();
    return false;
  }
  frame.timeMs = timeMs;
  frame.startMs = startAt > 0 ? nanosAsMs(view, startAt) : 0;
  frame.flags = 0;
  const bucketFrom = buckets.length;
  buckets.take(view, countsAt, countBytes / 8);
  putHistogram(frame, columns, frame.seriesTable.of(raw.last), observations, sum, min, max, bucketFrom, buckets.length);
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
