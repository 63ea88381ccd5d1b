import type { WireWriter } from "@yunwei/otlp";
import type { BucketSide } from "./bucket-side.ts";
import type { NativeHistogram } from "./native-histogram.ts";
import type { OtlpMetricStream } from "./otlp-metric-stream.ts";

/*
 * ExponentialHistogramDataPoint { 1 attributes, 2 start, 3 time, 4 count, 5 sum, 6 scale, 7 zero_count, 8 positive, 9 negative, 10 flags, 11 exemplars, 14 zero_threshold }
 *   Buckets { 1 offset sint32, 2 bucket_counts }
 * HistogramDataPoint { 2 start, 3 time, 4 count, 5 sum, 6 bucket_counts, 7 explicit_bounds, 8 exemplars, 9 attributes, 10 flags }
 */

const FLAG_NO_RECORDED_VALUE = 1;
/** Of ExponentialHistogramDataPoint and of HistogramDataPoint. */
export const EXPONENTIAL_EXEMPLARS = 11;
export const EXPLICIT_EXEMPLARS = 8;

/** Writes all of the point but its exemplars; the message is left open, to be closed with the result. `histogram.problem()` was undefined. */
export function writeHistogramPoint(out: WireWriter, stream: OtlpMetricStream, histogram: NativeHistogram, startMs: number): number {
  const point = out.open(1);
  stream.attributes(histogram.isCustom ? 9 : 1);
  if (startMs > 0 && startMs <= histogram.timeMs) out.nanos(2, startMs);
  out.nanos(3, histogram.timeMs);
  if (histogram.isStale) {
    out.number(10, FLAG_NO_RECORDED_VALUE);
    return point;
  }
  out.fixed64(4, histogram.count);
  out.double(5, histogram.sum);
  if (histogram.isCustom) writeExplicit(out, histogram);
  else writeExponential(out, histogram);
  return point;
}

function writeExponential(out: WireWriter, histogram: NativeHistogram): void {
  out.signed32(6, histogram.schema);
  out.fixed64(7, histogram.zeroCount);
  writeSide(out, 8, histogram.positive);
  writeSide(out, 9, histogram.negative);
  out.double(14, histogram.zeroThreshold);
}

/** Bucket i ends at base^i in Prometheus and begins there in OTLP. */
function writeSide(out: WireWriter, field: number, side: BucketSide): void {
  if (side.denseCount === 0) return;
  const buckets = out.open(field);
  out.signed32(1, side.first - 1);
  out.packedVarints(2, side.dense, 0, side.denseCount);
  out.close(buckets);
}

/** Custom buckets are counted from the first bound on; OTLP wants one for each bound and one above. */
function writeExplicit(out: WireWriter, { bounds, boundCount, positive }: NativeHistogram): void {
  const counts = new Float64Array(boundCount + 1);
  counts.set(positive.dense.subarray(0, positive.denseCount), positive.denseCount === 0 ? 0 : positive.first);
  out.packedFixed64(6, counts, 0, counts.length);
  out.packedDoubles(7, bounds, 0, boundCount);
}
