import type { MetricDecoder } from "./metric-decoder.ts";

/** All that a decoder holds, for comparing; series by their ids, as two decoders number them differently. */
export function snapshotOf(decoder: MetricDecoder): unknown {
  const { numbers, histograms, summaries, buckets, quantiles, exemplars, rejected, problem, lastResource } = decoder;
  const id = (series: number): string => decoder.series[series]!.seriesId;
  const rows = (columns: object, count: number): unknown[] =>
    Object.entries(columns).flatMap(([name, column]) => {
      if (!ArrayBuffer.isView(column)) return [];
      const values = [...(column as Float64Array).subarray(0, count)];
      return [[name, name === "series" ? values.map(id) : values.map((value) => (Object.is(value, -0) ? "-0" : value))]];
    });
  return {
    numbers: rows(numbers, numbers.count),
    histograms: rows(histograms, histograms.count),
    summaries: rows(summaries, summaries.count),
    buckets: [...buckets.words.subarray(0, 2 * buckets.length)],
    quantiles: rows(quantiles, quantiles.length),
    exemplars: exemplars.map((exemplar) => ({ ...exemplar, series: id(exemplar.series) })),
    rejected,
    problem,
    lastResource: lastResource?.resourceId,
  };
}
