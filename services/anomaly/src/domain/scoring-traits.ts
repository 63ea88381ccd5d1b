import { type EvidenceFamily, familyOfMetric, METRIC, type MetricTraits } from "@yunwei/schemas";
import type { Reading } from "./reading.ts";

/** Traits of a metric in the unit and reading of one series. */
export interface ScoringTraits {
  readonly family: EvidenceFamily;
  readonly harmful: "up" | "down" | "both" | "none";
  /** In the unit of the series. */
  readonly minAbsolute: number;
  readonly minRelative: number;
  readonly low: number;
  readonly high: number;
}

/** Seconds and ratios of the traits in other units. */
const UNIT_FACTORS: Readonly<Record<string, number>> = { ms: 1e3, us: 1e6, ns: 1e9, "%": 100 };
/** A count of failures needs at least this many per second (three in 15 s): one failure is no trend. */
const MIN_FAILURES_PER_SECOND = 0.2;
const FAILURE_FAMILIES: ReadonlySet<EvidenceFamily> = new Set(["error", "network", "log_error"]);

/** Attribute values that turn a utilisation around: much free memory harms nobody. */
const SPARE_STATES: ReadonlySet<string> = new Set(["idle", "free", "available"]);
const HARMLESS_STATES: ReadonlySet<string> = new Set(["cached", "buffered", "slab_reclaimable", "nice", "inactive"]);
const STATE_LABELS = ["state", "cpu.mode", "system.cpu.state", "system.memory.state", "system.filesystem.state"] as const;

/** The traits by which a series is scored. Pure; unknown metrics get the family `other`. */
export function traitsOf(series: { metric: string; unit: string; reading: Reading; labels: Readonly<Record<string, string>> }): ScoringTraits {
  const traits = series.reading === "histogram_rate" ? familyOfMetric(METRIC.serviceRate) : familyOfMetric(series.metric);
  const factor = factorOf(traits, series.unit);
  const counted = series.reading === "counter_rate" || series.reading === "delta_rate";
  const minAbsolute = counted && traits.minAbsolute === 0 && FAILURE_FAMILIES.has(traits.family) ? MIN_FAILURES_PER_SECOND : traits.minAbsolute * factor;
  const [low, high] = traits.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    family: traits.family,
    harmful: harmOf(traits, stateOf(series.labels)),
    minAbsolute,
    minRelative: traits.minRelative,
    low: low * factor,
    high: high === 0 ? 0 : high * factor,
  };
}

/** The state a point attribute names (`used`, `idle`, …), or "". */
export function stateOf(labels: Readonly<Record<string, string>>): string {
  for (const name of STATE_LABELS) {
    const state = labels[name];
    if (state !== undefined) return state;
  }
  return "";
}

function factorOf(traits: MetricTraits, unit: string): number {
  const factor = UNIT_FACTORS[unit] ?? 1;
  if (unit === "%") return traits.range?.[1] === 1 ? factor : 1;
  return factor;
}

function harmOf(traits: MetricTraits, state: string): ScoringTraits["harmful"] {
  if (HARMLESS_STATES.has(state)) return "none";
  if (SPARE_STATES.has(state)) return traits.harmful === "up" ? "down" : traits.harmful;
  return traits.harmful;
}
