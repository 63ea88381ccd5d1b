import { stringAttributes, unixNano } from "../otlp-objects/otlp-objects.ts";

const POINTS = 20;
const GAUGES = 20;
const SUMS = 20;
const HISTOGRAMS = 10;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const CUMULATIVE = 2;
const REGIONS = ["cn-east", "cn-north", "cn-south", "cn-west"];

/** 50 metrics of 20 points each: 20 gauges, 20 cumulative sums, 10 histograms of 15 buckets; 4 attributes a point. */
export function metricsRequest(resource: object, timeMs: number, random: () => number): { request: object; items: number } {
  const timeUnixNano = unixNano(timeMs);
  const startTimeUnixNano = unixNano(timeMs - 3_600_000);
  const metrics: object[] = [];
  for (let i = 0; i < GAUGES; i++) {
    const dataPoints = points(() => ({ timeUnixNano, asDouble: 50 + 10 * random() }));
    metrics.push({ name: `bench.queue.depth.${i}`, unit: "{item}", gauge: { dataPoints } });
  }
  for (let i = 0; i < SUMS; i++) {
    const dataPoints = points(() => ({ startTimeUnixNano, timeUnixNano, asDouble: Math.floor(timeMs / 100 + 100 * random()) }));
    metrics.push({ name: `bench.requests.${i}`, unit: "{request}", sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } });
  }
  for (let i = 0; i < HISTOGRAMS; i++) {
    const dataPoints = points(() => histogramPoint(random, { startTimeUnixNano, timeUnixNano }));
    metrics.push({ name: `bench.duration.${i}`, unit: "s", histogram: { dataPoints, aggregationTemporality: CUMULATIVE } });
  }
  return {
    request: { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "bench", version: "1" }, metrics }] }] },
    items: metrics.length * POINTS,
  };
}

function points(point: () => object): object[] {
  return Array.from({ length: POINTS }, (_, i) => ({
    ...point(),
    attributes: stringAttributes({
      "http.route": `/v1/route/${i}`,
      "http.request.method": i % 2 === 0 ? "GET" : "POST",
      region: REGIONS[i % 4]!,
      shard: String(i),
    }),
  }));
}

function histogramPoint(random: () => number, times: object): object {
  const bucketCounts = Array.from({ length: BOUNDS.length + 1 }, () => Math.floor(1000 * random()));
  const count = bucketCounts.reduce((sum, one) => sum + one, 0);
  return { ...times, count, sum: count * 0.2, bucketCounts, explicitBounds: BOUNDS };
}
