import type { IncidentState } from "@yunwei/schemas";
import type { Actor, Incident } from "./incident.ts";
import { advance, type Intent } from "./incident-fold.ts";
import { createdFields } from "./incident-report-rules.ts";
import { lockReport } from "./report.fixture.ts";

export const OPENED_MS = 1_781_762_640_000;
export const WANG: Actor = { kind: "person", name: "wang" };
export const MACHINE: Actor = { kind: "system", name: "system" };

/** A P2 incident that has just been opened. For tests. */
export function newIncident(): Incident {
  const fields = {
    ...createdFields(
      lockReport({ impact: { services: ["order"], departments: ["a", "b", "c"], sites: ["suzhou"], entityCount: 9 } }),
      { incidentId: "i1", number: "INC-000001" },
      OPENED_MS,
    ),
  };
  return advance(undefined, { event: "create", actor: MACHINE, fields }, OPENED_MS).incident;
}

/** Plays intents, one a minute apart, the first a minute after the opening. */
export function play(incident: Incident, ...intents: readonly Intent[]): Incident {
  let nowMs = incident.spans.at(-1)!.atMs;
  for (const intent of intents) {
    nowMs += 60_000;
    incident = advance(incident, intent, nowMs).incident;
  }
  return incident;
}

export const ACKNOWLEDGE: Intent = { event: "acknowledge", actor: WANG, fields: { assignee: "wang" } };
export const ASSIGN: Intent = { event: "assign", actor: WANG, fields: { assigneeGroup: "dba" } };
export const WAIT: Intent = { event: "wait", actor: WANG, fields: { reason: "user", condition: "a call back" } };
export const RESUME: Intent = { event: "resume", actor: WANG, fields: {} };
export const MITIGATE: Intent = { event: "mitigate", actor: WANG, fields: { serviceRestoredAt: "2026-06-18T06:05:00Z", workaround: "restarted" } };
export const RECOVER: Intent = { event: "mitigate", actor: MACHINE, fields: { serviceRestoredAt: "2026-06-18T06:05:00Z", workaround: "alerts_resolved" } };
export const REGRESS: Intent = { event: "regress", actor: MACHINE, fields: { groupState: "open" } };
export const RESOLVE: Intent = {
  event: "resolve",
  actor: WANG,
  fields: { resolutionCode: "fixed", causeCategory: "software", rootCause: "database:order-db", excuse: "the alert is wrong" },
};
export const CLOSE: Intent = { event: "close", actor: WANG, fields: {} };
export const MERGE: Intent = { event: "merge", actor: WANG, fields: { parentId: "i0" } };
export const CANCEL: Intent = { event: "cancel", actor: WANG, fields: { reason: "test" } };

/** How to bring a new incident into each state. */
export const PATHS: Readonly<Record<IncidentState, readonly Intent[]>> = {
  new: [],
  assigned: [ASSIGN],
  in_progress: [ACKNOWLEDGE],
  pending: [ACKNOWLEDGE, WAIT],
  mitigated: [ACKNOWLEDGE, MITIGATE],
  resolved: [ACKNOWLEDGE, RESOLVE],
  closed: [ACKNOWLEDGE, RESOLVE, CLOSE],
  merged: [MERGE],
  cancelled: [CANCEL],
};
