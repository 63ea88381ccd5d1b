import { type Cause, type IncidentSnapshot, parseEntityKey } from "@yunwei/schemas";
import type { FaultCase } from "./fault-case.ts";

/** What the product made of one case. */
export interface CaseVerdict {
  /** The incident that counts: it began in the fault's time or just before, and has the surest answer. */
  readonly incident: IncidentSnapshot | undefined;
  /** Places named by its causes, likeliest first, each once: services, or for calls `caller->callee`. */
  readonly ranking: readonly string[];
  /** Position of the first place that is the label's, from 1; undefined = not among them. */
  readonly rank: number | undefined;
  /** Whether the product was sure enough to name its first cause. */
  readonly named: boolean;
}

/** What begins at most so long before the injection counts too: alerts join a group over a gap of five minutes, so a small alarm before may hold the fault's. */
const TOLERANCE_MS = 5 * 60_000;

/** Holds incidents against the label. @param injectMs - when the fault began, in the incidents' time */
export function judgeCase(fault: FaultCase, incidents: readonly IncidentSnapshot[], injectMs: number): CaseVerdict {
  const inTime = incidents.filter(({ startedAt }) => Date.parse(startedAt) >= injectMs - TOLERANCE_MS);
  const incident = [...inTime].sort((a, b) => sureness(b) - sureness(a) || b.alertCount - a.alertCount || (a.startedAt < b.startedAt ? -1 : 1))[0];
  const causes = incident?.report?.causes ?? [];
  const ranking = [...new Set(causes.map(placeOf))];
  const hit = causes.find((cause) => isAt(cause, fault));
  return {
    incident,
    ranking,
    rank: hit === undefined ? undefined : ranking.indexOf(placeOf(hit)) + 1,
    named: incident?.report?.verdict === "cause",
  };
}

/** Share of cases whose label is among the first `k` places, 0..1; NaN without cases. */
export function accuracyAt(k: number, verdicts: readonly Pick<CaseVerdict, "rank">[]): number {
  return verdicts.filter(({ rank }) => rank !== undefined && rank <= k).length / verdicts.length;
}

function sureness({ report }: IncidentSnapshot): number {
  return report === undefined ? -1 : report.confidence + (report.verdict === "cause" ? 1 : 0);
}

/** The service that a cause blames, whatever level it is told on; a call stays a call. */
function placeOf({ entity }: Cause): string {
  const parsed = parseEntityKey(entity);
  return parsed?.type === "instance" ? parsed.id.split("/")[0]! : (parsed?.id ?? entity);
}

/** Whether a cause is the label's: the pod, its instance or its service; for a delay of its network also a call to or from it. */
function isAt(cause: Cause, fault: FaultCase): boolean {
  const place = placeOf(cause);
  if (place === fault.service || place === fault.pod) return true;
  return fault.type === "network_delay" && cause.entity.startsWith("edge:") && place.split("->").includes(fault.service);
}
