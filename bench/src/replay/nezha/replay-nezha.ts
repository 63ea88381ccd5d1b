import type { IncidentSnapshot } from "@yunwei/schemas";
import { incidentCard } from "@yunwei/testkit";
import { Feed, type FeedCount } from "../feed.ts";
import type { ReplayContext } from "../replay-context.ts";
import { settledIncidents } from "../settled-incidents.ts";
import { withStandalone } from "../with-standalone.ts";
import { casePhases } from "./case-phases.ts";
import { type CaseTimeline, layOut } from "./case-timeline.ts";
import type { FaultCase } from "./fault-case.ts";
import { accuracyAt, type CaseVerdict, judgeCase } from "./judge-case.ts";
import { faultTraces, type NezhaSet } from "./nezha-set.ts";
import { type TraceSegment, traceSegments } from "./trace-segments.ts";

/** The end of a case lies so long before now: nothing that is sent is ahead of the clock. */
const MARGIN_MS = 2 * 60_000;
const CAUSES_SHOWN = 5;

/** What came of one case. */
export interface CaseOutcome extends CaseVerdict {
  readonly fault: FaultCase;
  readonly incidents: readonly IncidentSnapshot[];
  readonly sent: FeedCount;
  readonly seconds: number;
}

/** Replays one case against a fresh standalone and prints what it says beside the label. @returns undefined when the set has too little of it, or when stopped */
export async function replayCase(set: NezhaSet, fault: FaultCase, context: ReplayContext): Promise<CaseOutcome | undefined> {
  const { tell, stop } = context;
  const timeline = layOut(fault, set.cases, set.fromMs, set.toMs);
  tell(`\n${fault.namespace} case ${fault.index}: ${fault.type} on ${fault.pod} at ${fault.injectTime} UTC`);
  if (timeline === undefined) {
    tell("  not replayed: the set has no healthy stretch of 40 minutes for it, or nothing after the fault");
    return undefined;
  }
  const segments = traceSegments(timeline, set.reference, await faultTraces(set, fault));
  tell(describe(set, timeline, segments));
  const begun = performance.now();
  const progress = (ms: number): void => context.progress(`${(Math.abs(ms) / 60_000).toFixed(1)} min of event time ${ms < 0 ? "before" : "after"} the fault`);
  return await withStandalone(context, async ({ standalone, api }) => {
    const shiftMs = Math.floor(Date.now() - MARGIN_MS - timeline.endMs);
    const telemetry = { timeline, series: set.series, segments, resourceOf: set.resourceOf, seed: fault.index };
    const feed = new Feed({ standalone, api, speed: context.speed, stop, tell, progress: (timeMs) => progress(timeMs - timeline.injectMs - shiftMs) });
    for (const phase of casePhases(telemetry, shiftMs)) await feed.run(phase);
    context.progress(undefined);
    const fromMs = timeline.historyFromMs + timeline.historyShiftMs + shiftMs;
    const incidents = await settledIncidents(api, fromMs, timeline.endMs + shiftMs, stop);
    if (stop.aborted) return undefined;
    const verdict = judgeCase(fault, incidents, timeline.injectMs + shiftMs);
    for (const incident of incidents) tell(`\n${incidentCard(incident, { console: standalone.console, unnamedCauses: CAUSES_SHOWN })}`);
    tell(`\n${verdictLine(fault, verdict, incidents.length)}`);
    return { fault, ...verdict, incidents, sent: { ...feed.count }, seconds: Math.round((performance.now() - begun) / 1000) };
  });
}

function describe({ series }: NezhaSet, { historyFromMs, historyToMs, injectMs, endMs }: CaseTimeline, segments: readonly TraceSegment[]): string {
  const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  const minutes = (ms: number): number => Math.round(ms / 6_000) / 10;
  const pools = new Set(segments.map(({ pool }) => pool));
  const spans = [...pools].reduce((sum, { traces }) => sum + traces.reduce((all, trace) => all + trace.spans.length, 0), 0);
  const traced =
    segments.length === 0
      ? "no traces are kept for it"
      : `${spans} recorded spans, drawn by whole traces to fill the ${minutes(injectMs - segments[0]!.fromMs)} min before the fault and the fault's own time`;
  return `  history: ${series.length} series over the ${minutes(historyToMs - historyFromMs)} healthy minutes ${clock(historyFromMs)}-${clock(historyToMs)} of that day, moved before the fault (memory levels joined without a step); ${minutes(endMs - injectMs)} min follow it\n  traces: ${traced}`;
}

function verdictLine(fault: FaultCase, { incident, ranking, rank, named }: CaseVerdict, all: number): string {
  const label = `label: ${fault.type} on ${fault.service}`;
  if (incident === undefined) return `${label}; no incident in its time (${all} in all): MISSED`;
  const answer = `${named ? "named" : "ranked, none named"}: ${ranking.slice(0, CAUSES_SHOWN).join(", ") || "nothing"}`;
  return `${label}; ${incident.number} ${answer}; the label is ${rank === undefined ? "not among them" : `number ${rank}`}`;
}

/** The end of a run: how often the label was first, or among the first three. */
export function summaryText(outcomes: readonly CaseOutcome[]): string {
  const rows = outcomes.map(({ fault, incident, rank, named }) =>
    [
      `${fault.namespace} ${fault.index}`.padEnd(11),
      fault.type.padEnd(15),
      fault.service.padEnd(28),
      (incident?.number ?? "none").padEnd(11),
      (named ? "named" : "-").padEnd(6),
      rank ?? "-",
    ].join(" "),
  );
  const right = outcomes.filter(({ named, rank }) => named && rank === 1).length;
  const wrong = outcomes.filter(({ named, rank }) => named && rank !== 1).length;
  const percent = (k: number): string => `${(100 * accuracyAt(k, outcomes)).toFixed(0)} %`;
  return [
    "case        fault           service                      incident    cause  label's rank",
    ...rows,
    `AC@1 ${percent(1)}, AC@3 ${percent(3)} of ${outcomes.length} case(s); a cause was named in ${right + wrong}, rightly in ${right}; no incident in ${outcomes.filter(({ incident }) => incident === undefined).length}`,
  ].join("\n");
}
