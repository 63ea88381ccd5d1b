import { METRIC } from "./semconv.ts";

/**
 * What a deviation is evidence of (design §6). INTERNAL families speak of the entity itself, EXTERNAL ones may be
 * caused by what it depends on; see notes on PRISM (arXiv 2601.21359) for the split.
 */
export const EVIDENCE_FAMILIES = [
  "cpu",
  "memory",
  "disk_space",
  "disk_io",
  "network",
  "lock",
  "certificate",
  "restart",
  "power", // internal
  "availability", // the entity reports that it is down, or stopped reporting
  "self_time",
  "log_error", // internal to a service, seen from its spans and logs
  "latency",
  "error", // external: may be inherited from a callee
  "load", // traffic
  "edge_gap",
  "edge_error",
  "link_latency",
  "link_loss", // on the wire
  "other",
] as const;
export type EvidenceFamily = (typeof EVIDENCE_FAMILIES)[number];

/** How a metric is read by detection. */
export interface MetricTraits {
  readonly family: EvidenceFamily;
  /** Which deviations mean harm; the other direction is recorded and never pages. */
  readonly harmful: "up" | "down" | "both";
  /** A deviation smaller than this (in the metric's unit) is never an anomaly, however regular the series. */
  readonly minAbsolute: number;
  /** A deviation smaller than this share of the expected value is never an anomaly. */
  readonly minRelative: number;
  /** Hard bounds of the value, for bands. */
  readonly range?: readonly [low: number, high: number];
}

const trait = (
  family: EvidenceFamily,
  harmful: MetricTraits["harmful"],
  minAbsolute: number,
  minRelative: number,
  range?: readonly [number, number],
): MetricTraits => (range === undefined ? { family, harmful, minAbsolute, minRelative } : { family, harmful, minAbsolute, minRelative, range });

const RATIO = [0, 1] as const;
const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;

/** Exact names first; OpenTelemetry semantic conventions 1.45 and our own. */
const EXACT: ReadonlyMap<string, MetricTraits> = new Map<string, MetricTraits>([
  ["system.cpu.utilization", trait("cpu", "up", 0.05, 0.2, RATIO)],
  ["process.cpu.utilization", trait("cpu", "up", 0.1, 0.2, POSITIVE)],
  ["container.cpu.utilization", trait("cpu", "up", 0.05, 0.2, POSITIVE)],
  ["system.cpu.load_average.1m", trait("cpu", "up", 1, 0.5, POSITIVE)],
  ["system.memory.utilization", trait("memory", "up", 0.04, 0.1, RATIO)],
  ["process.memory.usage", trait("memory", "up", 64 * 1024 * 1024, 0.2, POSITIVE)],
  ["system.filesystem.utilization", trait("disk_space", "up", 0.03, 0.05, RATIO)],
  ["system.disk.operation_time", trait("disk_io", "up", 0.005, 0.5, POSITIVE)],
  ["system.disk.io_time", trait("disk_io", "up", 0.1, 0.3, POSITIVE)],
  ["system.disk.latency", trait("disk_io", "up", 0.005, 0.5, POSITIVE)],
  ["system.network.errors", trait("network", "up", 1, 0.5, POSITIVE)],
  ["system.network.io", trait("load", "both", 50_000, 0.5, POSITIVE)],
  ["process.uptime", trait("restart", "down", 30, 0.5, POSITIVE)],
  ["db.client.connection.wait_time", trait("lock", "up", 0.01, 0.5, POSITIVE)],
  ["postgresql.database.locks", trait("lock", "up", 5, 1, POSITIVE)],
  ["db.lock.waiting", trait("lock", "up", 3, 1, POSITIVE)],
  ["http.server.request.duration", trait("latency", "up", 0.02, 0.3, POSITIVE)],
  ["http.server.active_requests", trait("load", "up", 10, 1, POSITIVE)],
  [METRIC.serviceRate, trait("load", "both", 1, 0.5, POSITIVE)],
  [METRIC.serviceErrorRatio, trait("error", "up", 0.03, 0.5, RATIO)],
  [METRIC.serviceDuration, trait("latency", "up", 0.02, 0.3, POSITIVE)],
  [METRIC.serviceSelfTime, trait("self_time", "up", 0.01, 0.4, POSITIVE)],
  [METRIC.edgeRate, trait("load", "both", 1, 0.5, POSITIVE)],
  [METRIC.edgeErrorRatio, trait("edge_error", "up", 0.03, 0.5, RATIO)],
  [METRIC.edgeGap, trait("edge_gap", "up", 0.01, 0.5, POSITIVE)],
  [METRIC.logErrorRate, trait("log_error", "up", 0.1, 1, POSITIVE)],
  [METRIC.linkRtt, trait("link_latency", "up", 0.002, 0.5, POSITIVE)],
  [METRIC.linkLoss, trait("link_loss", "up", 0.01, 1, RATIO)],
  [METRIC.linkUp, trait("availability", "down", 0.5, 0.5, RATIO)],
  [METRIC.rackPower, trait("power", "down", 200, 0.3, POSITIVE)],
  [METRIC.certificateRemaining, trait("certificate", "down", 86_400, 0.2)],
]);

/** Then by what the name ends with or contains: vendors' metrics follow no convention. First match wins. */
const PATTERNS: readonly (readonly [RegExp, MetricTraits])[] = [
  [/cpu.*(util|usage|percent|seconds)|cpu_/i, trait("cpu", "up", 0.05, 0.3)],
  [/mem(ory)?([._]|.*(used|usage|util|percent))/i, trait("memory", "up", 0, 0.2)],
  [/(filesystem|disk).*(used|util|usage|percent)/i, trait("disk_space", "up", 0, 0.1)],
  [/(disk|iops|io_time|iowait|await)/i, trait("disk_io", "up", 0, 0.5)],
  [/(latency|duration|response_time|elapsed)/i, trait("latency", "up", 0, 0.3, POSITIVE)],
  [/(error|fail|exception|5xx|drop)/i, trait("error", "up", 0, 0.5, POSITIVE)],
  [/(lock|deadlock)/i, trait("lock", "up", 1, 1, POSITIVE)],
  [/(request|qps|tps|throughput|ops|workload|receive|transmit|network)/i, trait("load", "both", 0, 0.5)],
  [/(^|[._])up$/i, trait("availability", "down", 0.5, 0.5, RATIO)],
];

const OTHER = trait("other", "both", 0, 0.3);

/** Traits of a metric by its name; unknown names get `other`, which never pages by default. Pure, O(patterns). */
export function familyOfMetric(metric: string): MetricTraits {
  const exact = EXACT.get(metric);
  if (exact !== undefined) return exact;
  for (const [pattern, traits] of PATTERNS) if (pattern.test(metric)) return traits;
  return OTHER;
}
