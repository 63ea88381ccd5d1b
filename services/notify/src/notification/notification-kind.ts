import type { IncidentMessage, IncidentPriority, RcaReport } from "@yunwei/schemas";

/** What a notification is about. */
export type NotificationKind = "created" | "cause" | "raised" | "major" | "breached" | "restored" | "broken_again";

export const NOTIFICATION_KINDS: readonly NotificationKind[] = ["created", "cause", "raised", "major", "breached", "restored", "broken_again"];

/** Which entries of an incident's log are news for the person on call; undefined = none. Pure. */
export function kindOf(message: Pick<IncidentMessage, "event" | "from" | "fields" | "actor">): NotificationKind | undefined {
  switch (message.event) {
    case "created":
      return "created";
    case "cause_named":
    case "cause_changed":
      return "cause";
    case "alerts_changed":
      return rank(message.fields["priority"]) < rank(message.fields["previousPriority"]) ? "raised" : undefined;
    case "major_declared":
      return "major";
    case "respond_breached":
    case "restore_breached":
      return "breached";
    case "mitigated":
      return "restored";
    case "resolved": // after `mitigated` everybody knows already
      return message.from === "mitigated" ? undefined : "restored";
    case "regressed":
    case "reopened":
      return "broken_again";
    default:
      return undefined;
  }
}

/** What a message can say of the cause: `entity|mode`, `external_load`, or "" when it is not determined. */
export function causeOf(report: RcaReport | undefined): string {
  if (report?.verdict === "external_load") return "external_load";
  const cause = report?.verdict === "cause" ? report.causes[0] : undefined;
  return cause === undefined ? "" : `${cause.entity}|${cause.mode}`;
}

function rank(priority: unknown): number {
  return /^P[1-4]$/.test(String(priority)) ? Number((priority as IncidentPriority)[1]) : 5;
}
