import type { Evidence } from "./evidence-book.ts";

/** The z at which a deviation is just an anomaly (the detector's own threshold): strength 0.7. */
const USUAL_SCORE = 10;
const LARGEST = 3;

/**
 * How much a deviation weighs, 0..3: logarithmic in its robust z, so that an idle counter's huge z cannot outvote all
 * else (notes on "zero-scale metrics"). A hard limit needs no history and weighs most.
 */
export function strengthOf(evidence: Evidence): number {
  if (evidence.detector === "limit" || evidence.detector === "absence") return LARGEST;
  return Math.min(LARGEST, Math.log1p(evidence.score / USUAL_SCORE));
}

/** The strongest of a list, 0 for none. */
export function strongest(list: readonly Evidence[]): number {
  return list.reduce((most, evidence) => Math.max(most, strengthOf(evidence)), 0);
}
