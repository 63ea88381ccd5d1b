import type { AlertSummary, ConditionState } from "@yunwei/schemas";

/** An alert and what its clock needs. Times are event time, Unix milliseconds. */
export interface Alert {
  readonly summary: AlertSummary;
  /** One alert of a fingerprint at a time: policy and series (or entity). */
  readonly fingerprint: string;
  readonly source: string;
  /** Since when the state waits: pending since, recovering since. */
  sinceMs: number;
  /** Newest input taken: older ones are redeliveries. */
  lastMs: number;
  forMs: number;
  keepFiringMs: number;
  groupId: string | undefined;
}

/** States of an alert that people see. */
export function isActive(condition: ConditionState): boolean {
  return condition === "firing" || condition === "recovering" || condition === "no_data";
}

export const SEVERITY_RANK: Readonly<Record<AlertSummary["severity"], number>> = { critical: 3, major: 2, minor: 1, info: 0 };
