import type { Cause, EvidenceItem, IncidentMessage, IncidentSnapshot, RcaReport } from "@yunwei/schemas";
import type { NotifyMessages } from "../messages/messages.ts";
import type { NotificationKind } from "../notification/notification-kind.ts";
import { beijingClock, beijingDateTime } from "./beijing-time.ts";
import { formatDuration, formatPercent, formatValue } from "./format-value.ts";
import { causeName, fit, type Line, placeName, shorten } from "./phone-lines.ts";

const MAX_NAMES = 3;
const MAX_EVIDENCE = 2;
const MAX_CHANGES = 2;
const MAX_NAME_CHARACTERS = 40;
/** Families that people feel: one of them describes the state of the system best. */
const FELT: ReadonlySet<string> = new Set(["latency", "error", "availability", "edge_error", "load"]);

export interface PhoneText {
  readonly kind: NotificationKind;
  readonly message: IncidentMessage;
  /** Address of the incident's page. */
  readonly link: string;
  /** Process clock, Unix milliseconds: for "time left". */
  readonly nowMs: number;
}

/**
 * The message for a phone: what is broken, how badly, since when, who is affected, why, what changed, what to do, who
 * has it, and where to read on. At most 1,500 bytes of UTF-8; the least needed lines go first.
 */
export function phoneText({ kind, message, link, nowMs }: PhoneText, messages: NotifyMessages, language: "zh" | "en"): string {
  const { incident } = message;
  const { report } = incident;
  const clock = message.event === "restore_breached" ? "restore" : "respond";
  const title = shorten(incident.title[language], 120);
  const lines: Line[] = [
    { text: `${messages.heading(kind, incident.priority, clock)}${title} ${incident.number}` },
    { text: stateLine(incident, kind, messages) },
    { text: impactLine(incident, messages) },
    ...(report === undefined ? [{ text: messages.undeterminedLine }] : causeLines(report, messages)),
    ...(report === undefined || kind === "restored" ? [] : [changesLine(report, messages, nowMs)]),
    { text: messages.compressedLine(incident.alertCount), dropRank: 3 },
    ...(kind === "restored" ? [] : [{ text: messages.actionLine(messages.actions[actionKey(report)]), dropRank: 2 }]),
    { text: ownerLine(incident, nowMs, messages) },
    { text: link, whole: true },
  ];
  return fit(lines);
}

function stateLine(incident: IncidentSnapshot, kind: NotificationKind, messages: NotifyMessages): string {
  const since = beijingDateTime(Date.parse(incident.startedAt));
  const felt = feltEvidence(incident.report);
  if (felt === undefined) return messages.sinceLine(since);
  // After restoration the value of the report is history, and must not read like the present.
  return kind === "restored" ? messages.duringLine(readingOf(felt, messages), since) : messages.symptomLine(readingOf(felt, messages), since);
}

function feltEvidence(report: RcaReport | undefined): EvidenceItem | undefined {
  const evidence = report?.causes.flatMap((cause) => cause.evidence) ?? [];
  return evidence.find((item) => FELT.has(item.family)) ?? evidence[0];
}

function impactLine(incident: IncidentSnapshot, messages: NotifyMessages): string {
  const listed = (names: readonly string[]) =>
    names.length === 0
      ? messages.none
      : messages.listed(
          names.slice(0, MAX_NAMES).map((name) => shorten(name, MAX_NAME_CHARACTERS)),
          names.length,
        );
  return messages.impactLine(listed(incident.services), listed(incident.departments), listed(incident.sites.map(messages.site)));
}

function causeLines(report: RcaReport, messages: NotifyMessages): Line[] {
  const said = (cause: Cause, share: number) => messages.cause(causeName(cause, messages), messages.modes[cause.mode], formatPercent(share));
  const [first, second] = report.causes;
  if (report.verdict === "external_load") return [{ text: messages.externalLoadLine(formatPercent(report.confidence)) }];
  if (report.verdict === "undetermined" || first === undefined) {
    const candidates = report.causes.slice(0, 2).map((cause) => said(cause, cause.score));
    return [{ text: messages.undeterminedLine }, ...(candidates.length === 0 ? [] : [{ text: messages.candidatesLine(candidates), dropRank: 5 }])];
  }
  const evidence = evidenceToTell(first, report);
  return [
    { text: messages.causeLine(said(first, report.confidence)) },
    ...(evidence.length === 0 ? [] : [{ text: messages.evidenceLine(evidence.map((item) => readingOf(item, messages))), dropRank: 1 }]),
    ...(second === undefined ? [] : [{ text: messages.secondLine(said(second, second.score)), dropRank: 5 }]),
  ];
}

/** The weightiest items; what the state line shows already is left out when there is another. */
function evidenceToTell(cause: Cause, report: RcaReport): EvidenceItem[] {
  const felt = feltEvidence(report);
  const others = cause.evidence.filter((item) => item !== felt);
  return (others.length === 0 ? [...cause.evidence] : others).sort((a, b) => b.weight - a.weight).slice(0, MAX_EVIDENCE);
}

function readingOf(item: EvidenceItem, messages: NotifyMessages): string {
  const value = item.direction === "absent" ? messages.noData : formatValue(item.value, item.unit, item.metric, messages);
  // A metric of no known family is told by its own name.
  const family = item.family === "other" ? shorten(item.metric, MAX_NAME_CHARACTERS) : messages.families[item.family];
  return messages.reading(`${placeName(item.entity, messages)} ${family}`, value, formatValue(item.expected, item.unit, item.metric, messages));
}

function changesLine(report: RcaReport, messages: NotifyMessages, nowMs: number): Line {
  const suspected = report.changes.filter((change) => change.suspected);
  if (report.changes.length === 0) return { text: messages.noChangesLine, dropRank: 4 };
  if (suspected.length === 0) return { text: messages.innocentChangesLine(report.changes.length), dropRank: 4 };
  const named = suspected
    .slice(0, MAX_CHANGES)
    .map((change) => messages.change(shorten(change.title, MAX_NAME_CHARACTERS), beijingClock(Number(BigInt(change.startedUnixNano) / 1_000_000n), nowMs)));
  return { text: messages.suspectedChangesLine(messages.listed(named, suspected.length), report.changes.length) };
}

function actionKey(report: RcaReport | undefined): keyof NotifyMessages["actions"] {
  if (report?.verdict === "external_load") return "external_load";
  return (report?.verdict === "cause" ? report.causes[0]?.mode : undefined) ?? "undetermined";
}

function ownerLine(incident: IncidentSnapshot, nowMs: number, messages: NotifyMessages): string {
  const owner = incident.assignee ?? incident.assigneeGroup;
  const who = owner === undefined ? messages.none : shorten(owner, MAX_NAME_CHARACTERS);
  if (incident.restoredAt !== undefined) {
    const restoredMs = Date.parse(incident.restoredAt);
    return messages.restoredLine(beijingDateTime(restoredMs), formatDuration(restoredMs - Date.parse(incident.createdAt), messages), who);
  }
  const working = incident.acknowledgedAt !== undefined;
  const clock = working ? incident.restore : incident.respond;
  const dueMs = clock.dueAt === undefined ? undefined : Date.parse(clock.dueAt);
  const due = dueMs === undefined ? messages.none : beijingClock(dueMs, nowMs);
  const left = dueMs === undefined ? messages.none : formatDuration(dueMs - nowMs, messages);
  const late = clock.breached || (dueMs !== undefined && dueMs <= nowMs);
  if (working) return late ? messages.workingLateLine(who, due) : messages.workingLine(who, due, left);
  if (late) return messages.unclaimedLateLine(due);
  return owner === undefined ? messages.unclaimedLine(due, left) : messages.assignedLine(who, due, left);
}
