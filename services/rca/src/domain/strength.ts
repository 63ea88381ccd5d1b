import type { Evidence } from "./evidence-book.ts";

/** The z at which a deviation is just an anomaly (the detector's own threshold): strength 0.7. */
const USUAL_SCORE = 10;
const LARGEST = 3;

/**
 * How much a deviation weighs, 0..3: logarithmic in its robust z, so that an idle counter's huge z cannot outvote all
 * else (notes on "zero-scale metrics"). A hard limit needs no history and weighs most.
 */
export function strengthOf(evidence: Evidence): number {
  if (isHarmlessMemory(evidence)) return HARMLESS;
  if (evidence.detector === "limit" || evidence.detector === "absence") return LARGEST;
  return Math.min(LARGEST, Math.log1p(evidence.score / USUAL_SCORE));
}

/** Memory in use harms nobody while much of it is free, however far it is from its usual level. */
const MEMORY_HURTS_FROM = 0.7;
const HARMLESS = 0.3;

function isHarmlessMemory({ family, metric, value }: Evidence): boolean {
  return family === "memory" && metric.endsWith(".utilization") && value < MEMORY_HURTS_FROM;
}

/** The strongest of a list, 0 for none. */
export function strongest(list: readonly Evidence[]): number {
  return list.reduce((most, evidence) => Math.max(most, strengthOf(evidence)), 0);
}
