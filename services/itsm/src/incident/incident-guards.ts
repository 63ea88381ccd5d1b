import type { Incident } from "./incident.ts";

/** @returns why the move is refused, or undefined when it may go on */
export type Guard = (incident: Incident, fields: Readonly<Record<string, unknown>>, nowMs: number) => string | undefined;

/** After this the fault counts as a new one (a new incident, linked as a recurrence). */
export const REOPEN_WINDOW_MS = 7 * 24 * 3_600_000;
/** How far a stated time may lie ahead of our clock: clocks of people and servers differ a little. */
const CLOCK_SKEW_MS = 60_000;

/** The conditions of the life cycle's rows, each with its reason in words. */
export const GUARDS = {
  notYetAcknowledged: (incident) => (incident.acknowledgedAtMs === undefined ? undefined : "it has been acknowledged before"),
  notP1: (incident) => (incident.priority === "P1" ? "a P1 incident may not wait" : undefined),
  notMajor: (incident) => (incident.major ? "it is a major incident already" : undefined),
  isMajor: (incident) => (incident.major ? undefined : "it is not a major incident"),
  alertsResolvedOrExcused: (incident, fields) =>
    incident.groupState === "open" && !isText(fields["excuse"])
      ? "its alerts still fire; wait until they resolve, or give `excuse` saying why they do not count"
      : undefined,
  reviewedIfMajor: (incident, fields) => (incident.major && !isText(fields["reviewRecord"]) ? "a major incident closes only with `reviewRecord`" : undefined),
  withinReopenWindow: (incident, _fields, nowMs) =>
    incident.resolvedAtMs !== undefined && nowMs - incident.resolvedAtMs > REOPEN_WINDOW_MS
      ? "it was resolved more than 7 days ago; open a new incident that names this one as `recurrenceOf`"
      : undefined,
  restoredInThePast: (_incident, fields, nowMs) => {
    const restoredMs = Date.parse(String(fields["serviceRestoredAt"]));
    return Number.isNaN(restoredMs) || restoredMs > nowMs + CLOCK_SKEW_MS ? "`serviceRestoredAt` must be a time that has passed" : undefined;
  },
} as const satisfies Record<string, Guard>;

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
