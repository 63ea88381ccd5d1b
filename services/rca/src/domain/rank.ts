import type { AlertSummary, ChangeMessage, EntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import { type Candidate, findCandidates } from "./candidate.ts";
import { type ChangeFit, fitOfChange } from "./change-suspects.ts";
import type { Evidence } from "./evidence-book.ts";
import { burdens, type Explanation, explanationOf, ONSET_TOLERANCE_MS } from "./explain-away.ts";
import { findSurge, type LoadSurge, surgeExplains } from "./load-test.ts";
import { strengthOf, strongest } from "./strength.ts";

/*
 * Log-odds of "this candidate caused the group" against "something we do not see did". Each weight says what a full
 * measure of that evidence is worth; they were set on simulated faults of the estate (bench/, seeds 1-3) and checked on others.
 */
const WEIGHT = {
  start: -2.6,
  ownStrength: 1.1,
  supporting: 0.5,
  coverage: 2.6,
  late: -1.6,
  explained: -4.2,
  surge: -4.5,
  change: 1.6,
  noChangeForBadChange: -3,
} as const;
/** Supporting evidence beyond this adds nothing: breadth is counted by coverage. */
const MOST_SUPPORT = 2;

/** A candidate with its log-odds and the parts they are made of. */
export interface RankedCandidate {
  readonly candidate: Candidate;
  readonly logOdds: number;
  readonly coverage: number;
  readonly explanation: Explanation | undefined;
  readonly change: ChangeFit | undefined;
  readonly explainedBySurge: boolean;
}

export interface Ranking {
  readonly ranked: readonly RankedCandidate[];
  /** All harmful deviations that were weighed. */
  readonly harmful: readonly Evidence[];
  readonly surge: LoadSurge | undefined;
}

/** All candidates, the likeliest first. Deterministic: ties by entity and mode. */
export function rankCauses(topology: Topology, evidence: readonly Evidence[], symptoms: readonly AlertSummary[], changes: readonly ChangeMessage[]): Ranking {
  const harmful = evidence.filter((item) => item.harmful);
  const candidates = findCandidates(topology, harmful);
  const surge = findSurge(topology, evidence);
  const latestMs = medianOnset(symptoms) + ONSET_TOLERANCE_MS;
  const ranked = candidates.map((candidate) => weigh(topology, candidate, candidates, symptoms, changes, surge, latestMs));
  ranked.sort(
    (a, b) =>
      b.logOdds - a.logOdds ||
      (a.candidate.entity < b.candidate.entity ? -1 : a.candidate.entity > b.candidate.entity ? 1 : a.candidate.mode < b.candidate.mode ? -1 : 1),
  );
  return { ranked, harmful, surge };
}

function weigh(
  topology: Topology,
  candidate: Candidate,
  all: readonly Candidate[],
  symptoms: readonly AlertSummary[],
  changes: readonly ChangeMessage[],
  surge: LoadSurge | undefined,
  latestMs: number,
): RankedCandidate {
  const coverage = coverageOf(topology, candidate, symptoms);
  const explanation = explanationOf(topology, candidate, all);
  const explainedBySurge = surge !== undefined && candidate.own.every((item) => surgeExplains(topology, surge, item));
  const change = bestChange(changes, candidate);
  const support = Math.min(
    MOST_SUPPORT,
    candidate.supporting.reduce((sum, item) => sum + 0.5 * strengthOf(item), 0),
  );
  let logOdds = WEIGHT.start + candidate.row.prior + WEIGHT.ownStrength * strongest(candidate.own) + WEIGHT.supporting * support + WEIGHT.coverage * coverage;
  if (candidate.onsetMs > latestMs) logOdds += WEIGHT.late;
  if (explanation !== undefined) logOdds += WEIGHT.explained * explanation.share;
  if (explainedBySurge) logOdds += WEIGHT.surge;
  if (change !== undefined) logOdds += WEIGHT.change * change.fit;
  if (candidate.mode === "bad_change" && change === undefined) logOdds += WEIGHT.noChangeForBadChange;
  return { candidate, logOdds, coverage, explanation, change, explainedBySurge };
}

/** Share of the symptoms, weighed by severity, that a failure of the candidate would reach. */
function coverageOf(topology: Topology, candidate: Candidate, symptoms: readonly AlertSummary[]): number {
  let all = 0;
  let reached = 0;
  for (const symptom of symptoms) {
    const weight = SEVERITY_WEIGHT[symptom.severity];
    all += weight;
    if (reaches(topology, candidate, symptom)) reached += weight;
  }
  return all === 0 ? 0 : reached / all;
}

const SEVERITY_WEIGHT: Readonly<Record<AlertSummary["severity"], number>> = { critical: 4, major: 3, minor: 1.5, info: 0.5 };

function reaches(topology: Topology, candidate: Candidate, symptom: AlertSummary): boolean {
  const { impact } = candidate;
  if (impact.has(symptom.entity as EntityKey) || burdens(topology, candidate, symptom.entity as EntityKey, symptom.family)) return true;
  return symptom.edge !== undefined && impact.has(symptom.edge.from as EntityKey) && impact.has(symptom.edge.to as EntityKey);
}

function medianOnset(symptoms: readonly AlertSummary[]): number {
  const onsets = symptoms.map((symptom) => Number(symptom.startedUnixNano) / 1e6).sort((a, b) => a - b);
  return onsets[Math.floor(onsets.length / 2)] ?? Number.POSITIVE_INFINITY;
}

function bestChange(changes: readonly ChangeMessage[], { entity, impact, mode, onsetMs }: Candidate): ChangeFit | undefined {
  let best: ChangeFit | undefined;
  for (const change of changes) {
    const fit = fitOfChange(change, entity, impact, mode, onsetMs);
    if (fit.fit > (best?.fit ?? 0)) best = fit;
  }
  return best;
}
