import type { AlertGroupMessage, AlertSummary, Cause, ChangeMessage, EntityKey, EvidenceItem, RcaReport } from "@yunwei/schemas";
import { parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import type { ChangeFit } from "./change-suspects.ts";
import { fitOfChange } from "./change-suspects.ts";
import { drawGraph } from "./draw-graph.ts";
import type { Evidence } from "./evidence-book.ts";
import { type RankedCandidate, rankCauses } from "./rank.ts";
import { strengthOf } from "./strength.ts";
import { decide, sigmoid } from "./verdict.ts";

const MAX_CAUSES = 5;
const MAX_EVIDENCE = 8;

export interface DiagnosisInput {
  readonly group: AlertGroupMessage;
  readonly evidence: readonly Evidence[];
  readonly changes: readonly ChangeMessage[];
  readonly topology: Topology;
}

/** A report without what makes it a message (ids, revision, time of making). */
export type Diagnosis = Omit<RcaReport, "messageId" | "revision" | "generatedUnixNano">;

/** Finds the cause of a group. Pure and deterministic: the same input gives the same report. */
export function diagnose({ group, evidence, changes, topology }: DiagnosisInput): Diagnosis {
  const symptoms = group.alerts.filter((alert) => alert.condition !== "pending");
  const ranking = rankCauses(topology, evidence, symptoms, changes);
  // Without a graph nothing tells a cause from its loudest victim: while it could not be loaded, nothing is named.
  const { verdict, confidence } = topology.size === 0 ? ({ verdict: "undetermined", confidence: 0 } as const) : decide(ranking, symptoms);
  const shown = ranking.ranked.slice(0, MAX_CAUSES);
  const causes = shown.map((one) => causeOf(topology, one, symptoms));
  return {
    groupId: group.groupId,
    verdict,
    confidence: round(confidence),
    causes,
    groupState: group.state,
    severity: group.severity,
    startedUnixNano: group.startedUnixNano,
    ...(group.resolvedUnixNano === undefined ? {} : { resolvedUnixNano: group.resolvedUnixNano }),
    alertCount: group.alertCount,
    impact: impactOfGroup(topology, symptoms, verdict === "cause" ? shown[0] : undefined),
    graph: drawGraph(topology, verdict === "cause" ? shown[0]?.candidate : undefined, symptoms),
    changes: changes.slice(-20).map((change) => describeChange(change, verdict === "cause" ? shown[0] : undefined)),
    source: group.source,
  };
}

function causeOf(topology: Topology, one: RankedCandidate, symptoms: readonly AlertSummary[]): Cause {
  const { candidate } = one;
  const own = candidate.own.map((item) => evidenceItem(item, 1.1 * strengthOf(item)));
  const supporting = candidate.supporting.map((item) => evidenceItem(item, 0.25 * strengthOf(item)));
  const contradicting =
    one.explanation === undefined ? [] : one.explanation.by.own.slice(0, 2).map((item) => evidenceItem(item, -4.2 * one.explanation!.share));
  const loudest = [...symptoms].sort((a, b) => b.peakScore - a.peakScore).find((symptom) => candidate.impact.has(symptom.entity as EntityKey));
  const ends = edgeEnds(candidate.entity);
  return {
    entity: candidate.entity,
    ...(ends === undefined ? {} : { edge: ends }),
    mode: candidate.mode,
    site: topology.siteOf(candidate.entity) || candidate.own[0]!.site,
    score: round(sigmoid(one.logOdds)),
    evidence: [...own, ...supporting].sort((a, b) => b.weight - a.weight).slice(0, MAX_EVIDENCE),
    contradicting,
    path: loudest === undefined ? [candidate.entity] : candidate.impact.path(loudest.entity as EntityKey),
    coverage: round(one.coverage),
    ...(one.change === undefined ? {} : { changeId: one.change.change.changeId }),
  };
}

function evidenceItem(item: Evidence, weight: number): EvidenceItem {
  const { family, entity, metric, unit, seriesId, value, expected, score, direction } = item;
  return { family, entity, metric, unit, seriesId, onsetUnixNano: nanos(item.onsetMs), value, expected, score, direction, weight: round(weight) };
}

function edgeEnds(entity: EntityKey): { from: EntityKey; to: EntityKey } | undefined {
  const parsed = parseEntityKey(entity);
  if (parsed?.type !== "edge") return undefined;
  const [from = "", to = ""] = parsed.id.split("->");
  return { from: `service:${from}`, to: `service:${to}` };
}

/** Who is hurt: what the alerts are on, and for a named cause the services it reaches that show it. */
function impactOfGroup(topology: Topology, symptoms: readonly AlertSummary[], cause: RankedCandidate | undefined): RcaReport["impact"] {
  const services = new Set<string>();
  const departments = new Set<string>();
  const sites = new Set<string>();
  const entities = new Set<string>();
  for (const symptom of symptoms) {
    entities.add(symptom.entity);
    if (symptom.site !== "") sites.add(symptom.site);
    const service = serviceOf(symptom);
    if (service !== "") {
      services.add(service);
      const department = topology.node(`service:${service}`)?.department || symptom.department;
      if (department !== "") departments.add(department);
    }
  }
  if (cause !== undefined) {
    const site = topology.siteOf(cause.candidate.entity);
    if (site !== "") sites.add(site);
  }
  return { services: [...services].sort(), departments: [...departments].sort(), sites: [...sites].sort(), entityCount: entities.size };
}

function serviceOf(symptom: AlertSummary): string {
  if (symptom.edge !== undefined) return parseEntityKey(symptom.edge.from)?.id ?? "";
  return symptom.service;
}

function describeChange(change: ChangeMessage, cause: RankedCandidate | undefined): RcaReport["changes"][number] {
  const fit: ChangeFit | undefined =
    cause === undefined ? undefined : fitOfChange(change, cause.candidate.entity, cause.candidate.impact, cause.candidate.mode, cause.candidate.onsetMs);
  return {
    changeId: change.changeId,
    title: change.title,
    kind: change.kind,
    entity: change.entities[0]!,
    startedUnixNano: change.startedUnixNano,
    suspected: cause?.change?.change.changeId === change.changeId,
    reason: fit?.reason ?? "no_cause_named",
  };
}

function nanos(ms: number): string {
  return `${Math.max(0, Math.round(ms * 1000))}000`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
