import type { AlertSummary, RcaReport } from "@yunwei/schemas";
import type { Evidence } from "./evidence-book.ts";
import type { RankedCandidate, Ranking } from "./rank.ts";

/** Below this we say that the cause is not determined: a wrong answer at 3 a.m. costs more than none. */
export const LEAST_CONFIDENCE = 0.6;

/** Families that users of the estate feel; without one, only a hard fact may be named a cause (notes: gate on a real symptom). */
const FELT = new Set(["latency", "error", "edge_error", "edge_gap", "availability", "link_loss", "self_time", "restart"]);
const HARD = new Set(["disk_space", "certificate", "availability", "power", "link_loss", "link_latency", "lock", "restart"]);

export interface Verdict {
  readonly verdict: RcaReport["verdict"];
  /** 0..1: how sure we are of causes[0], or of the external load. */
  readonly confidence: number;
}

/** Names a cause, an outside load, or neither. */
export function decide({ ranked, harmful, surge }: Ranking, symptoms: readonly AlertSummary[]): Verdict {
  const top = ranked[0];
  const confidence = top === undefined ? 0 : confidenceOf(top, ranked);
  const named = top !== undefined && confidence >= LEAST_CONFIDENCE && mayBeNamed(top, harmful);
  if (named) return { verdict: "cause", confidence };
  if (surge !== undefined && symptoms.length > 0) {
    const loaded = ranked.filter((one) => one.explainedBySurge).length;
    return { verdict: "external_load", confidence: Math.min(0.95, 0.5 + (0.45 * (loaded + 1)) / (ranked.length + 1)) };
  }
  return { verdict: "undetermined", confidence };
}

/** A busy machine that nobody feels is no cause of anything: something it reaches must suffer, or the fact itself be hard. */
function mayBeNamed({ candidate }: RankedCandidate, harmful: readonly Evidence[]): boolean {
  return candidate.own.some((item) => HARD.has(item.family)) || harmful.some((item) => FELT.has(item.family) && candidate.impact.has(item.entity));
}

/** How sharply a lead over a rival counts; 1 would be the odds as they stand. */
const RIVALRY = 1.2;

/** How likely the top is by itself, times its share among the candidates that tell another story as well as it does: two equals leave half for each. */
function confidenceOf(top: RankedCandidate, ranked: readonly RankedCandidate[]): number {
  const rivals = ranked.filter((one) => one !== top && independent(one, top));
  const others = rivals.reduce((sum, rival) => sum + Math.exp(RIVALRY * (rival.logOdds - top.logOdds)), 0);
  return sigmoid(top.logOdds) / (1 + others);
}

/** Two candidates that tell two stories: neither reaches the other. */
function independent(a: RankedCandidate, b: RankedCandidate): boolean {
  return a.candidate.entity !== b.candidate.entity && !a.candidate.impact.has(b.candidate.entity) && !b.candidate.impact.has(a.candidate.entity);
}

export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
