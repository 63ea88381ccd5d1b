import { encodeJson } from "@yunwei/bus";
import { INCIDENT_TOPIC, type RcaReport, YunweiError } from "@yunwei/schemas";
import { contentId } from "@yunwei/service-kit";
import type { Outbox, OutboxMessage, Queryable } from "@yunwei/state";
import { incidentEvents } from "../telemetry.ts";
import { type Incident, SYSTEM } from "./incident.ts";
import { dueClockEvents } from "./incident-clock.ts";
import { advance, type Intent, type LogEntry } from "./incident-fold.ts";
import { OPEN_STATES } from "./incident-lifecycle.ts";
import { createdFields, intentsOfReport, opensIncident, opensRecurrence } from "./incident-report-rules.ts";
import { messageOf } from "./incident-snapshot.ts";
import { lockIncident, lockNewestOfGroup, nextNumber, type StoredIncident, saveIncident } from "./incident-store.ts";

export interface IncidentDesk {
  /** An act of a person. @throws YunweiError YUNWEI_NOT_FOUND, YUNWEI_INCIDENT_MOVE, YUNWEI_INCIDENT_FIELDS */
  act(incidentId: string, intent: Intent): Promise<StoredIncident>;
  /**
   * Takes in a report of a cause. The same or an older revision is a no-op.
   * @param detectedAtMs - when the bus took it, Unix milliseconds
   * @returns how many entries it added to a log
   */
  takeReport(report: RcaReport, detectedAtMs: number): Promise<number>;
  /** Records what the clocks of one incident have to say now. */
  ringClocks(incidentId: string): Promise<number>;
}

interface DeskOptions {
  readonly outbox: Outbox;
  readonly nowMs: () => number;
  /** Collects what this try of the transaction records. */
  readonly tally: string[];
}

/** All writing to incidents: each call is one transaction over the incident, its log and what the bus is told. */
export function createIncidentDesk(outbox: Outbox, nowMs: () => number): IncidentDesk {
  const transact = async <T>(work: (tx: Queryable, options: DeskOptions) => Promise<T>): Promise<T> => {
    let tally: string[] = [];
    const result = await outbox.transaction((tx) => {
      tally = []; // the engine may ask for another try
      return work(tx, { outbox, nowMs, tally });
    });
    for (const event of tally) incidentEvents.add(1, { event });
    return result;
  };
  return {
    act: (incidentId, intent) => transact((tx, options) => act(tx, incidentId, intent, options)),
    takeReport: (report, detectedAtMs) => transact((tx, options) => takeReport(tx, report, detectedAtMs, options)),
    ringClocks: (incidentId) => transact((tx, options) => ringClocks(tx, incidentId, options)),
  };
}

async function act(tx: Queryable, incidentId: string, intent: Intent, options: DeskOptions): Promise<StoredIncident> {
  const before = await lockIncident(tx, incidentId);
  if (before === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `There is no incident ${incidentId}.`);
  if (intent.event === "merge") await checkParent(tx, incidentId, String(intent.fields["parentId"] ?? ""));
  return write(tx, before, [intent], options);
}

async function takeReport(tx: Queryable, report: RcaReport, detectedAtMs: number, options: DeskOptions): Promise<number> {
  const before = await lockNewestOfGroup(tx, report.groupId);
  if (before === undefined) return opensIncident(report) ? open(tx, report, detectedAtMs, undefined, options) : 0;
  if (report.revision <= before.reportRevision) return 0;
  const nowMs = options.nowMs();
  if (opensRecurrence(before.incident, report, nowMs)) return open(tx, report, detectedAtMs, before.incident.incidentId, options);
  if (!isOpen(before.incident)) return follow(tx, before, report, nowMs);
  const intents = intentsOfReport(before.incident, report, nowMs);
  await write(tx, before, intents, options, report);
  return intents.length;
}

async function ringClocks(tx: Queryable, incidentId: string, options: DeskOptions): Promise<number> {
  const before = await lockIncident(tx, incidentId);
  if (before === undefined) return 0;
  const intents = dueClockEvents(before.incident, options.nowMs()).map((event): Intent => ({ event, actor: SYSTEM, fields: {} }));
  await write(tx, before, intents, options);
  return intents.length;
}

async function open(tx: Queryable, report: RcaReport, detectedAtMs: number, recurrenceOf: string | undefined, options: DeskOptions): Promise<number> {
  const nowMs = options.nowMs();
  const incidentId = recurrenceOf === undefined ? contentId("incident", report.groupId) : contentId("incident", report.groupId, recurrenceOf);
  const ids = { incidentId, number: await nextNumber(tx), ...(recurrenceOf === undefined ? {} : { recurrenceOf }) };
  const fields = createdFields(report, ids, Math.min(detectedAtMs, nowMs));
  const create: Intent = { event: "create", actor: SYSTEM, fields: { ...fields }, eventTimeUnixNano: report.generatedUnixNano };
  // The cause, when it is known, is an entry of its own right behind.
  const intents = [create, ...intentsOfReport(advance(undefined, create, nowMs).incident, report, nowMs)];
  await write(tx, undefined, intents, options, report);
  return intents.length;
}

async function write(
  tx: Queryable,
  before: StoredIncident | undefined,
  intents: readonly Intent[],
  options: DeskOptions,
  attach?: RcaReport,
): Promise<StoredIncident> {
  const nowMs = options.nowMs();
  const report = attach ?? before?.report;
  const entries: LogEntry[] = [];
  const messages: OutboxMessage[] = [];
  let incident: Incident | undefined = before?.incident;
  for (const intent of intents) {
    const step = advance(incident, intent, nowMs);
    incident = step.incident;
    entries.push(step.entry);
    options.tally.push(step.entry.event);
    messages.push({ key: incident.incidentId, value: encodeJson(messageOf(step.entry, incident, report)) });
  }
  if (incident === undefined) throw new TypeError("an incident begins with an intent");
  const after = { incident, reportRevision: attach?.revision ?? before?.reportRevision ?? 0, ...(report === undefined ? {} : { report }) };
  await saveIncident(tx, after, entries, nowMs);
  await options.outbox.enqueue(tx, INCIDENT_TOPIC, messages);
  return after;
}

/** A finished incident keeps its report and log; only whether its alerts fire is followed, to tell a recurrence. */
async function follow(tx: Queryable, before: StoredIncident, report: RcaReport, nowMs: number): Promise<number> {
  await saveIncident(tx, { ...before, incident: { ...before.incident, groupState: report.groupState }, reportRevision: report.revision }, [], nowMs);
  return 0;
}

async function checkParent(tx: Queryable, incidentId: string, parentId: string): Promise<void> {
  if (parentId === "") return; // the life cycle names the missing field
  const parent = parentId === incidentId ? undefined : await lockIncident(tx, parentId);
  // A parent that is open was itself merged into nothing, so no cycle can arise.
  if (parent === undefined || !isOpen(parent.incident)) {
    throw new YunweiError("YUNWEI_INCIDENT_FIELDS", `parentId must name another incident that is open; ${parentId || "none"} is not.`);
  }
}

function isOpen(incident: Incident): boolean {
  return (OPEN_STATES as readonly string[]).includes(incident.state);
}
