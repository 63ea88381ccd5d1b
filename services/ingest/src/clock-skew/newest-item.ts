import type { Decoding, LogDecoding, MetricDecoding, SpanDecoding } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";

/** Time of the newest item that is taken, Unix milliseconds (of a span: its end); -Infinity when there is none. */
export function newestItemMs(signal: Signal, decoded: Decoding): number {
  if (signal === "metrics") {
    const { numbers, histograms, summaries } = decoded as MetricDecoding;
    return Math.max(newest(numbers.timeMs, numbers.count), newest(histograms.timeMs, histograms.count), newest(summaries.timeMs, summaries.count));
  }
  if (signal === "logs") {
    const { logs } = decoded as LogDecoding;
    return newest(logs.timeMs, logs.count);
  }
  const { startMs, durationMs, count } = (decoded as SpanDecoding).spans;
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) latest = Math.max(latest, startMs[i]! + durationMs[i]!);
  return latest;
}

function newest(timesMs: Float64Array, count: number): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) if (timesMs[i]! > latest) latest = timesMs[i]!;
  return latest;
}
