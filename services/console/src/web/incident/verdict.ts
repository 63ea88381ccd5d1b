import type { RcaReport } from "../api/contracts.ts";

/** How sure, in a word. The report names a cause from 0.6 on. */
export function certaintyOf(confidence: number): "sure" | "likely" | "possible" | "weak" {
  if (confidence >= 0.9) return "sure";
  if (confidence >= 0.75) return "likely";
  return confidence >= 0.6 ? "possible" : "weak";
}

/** How much an item of evidence adds to the log odds, in a word. */
export function weightWord(weight: number): "strong" | "medium" | "weak" {
  const size = Math.abs(weight);
  if (size >= 3) return "strong";
  return size >= 1 ? "medium" : "weak";
}

type Change = RcaReport["changes"][number];
type Cause = RcaReport["causes"][number];

/** Title of the change that a candidate is suspected to come from; undefined when none is. */
export function guiltyChange(cause: Cause, changes: readonly Change[]): string | undefined {
  return cause.changeId === undefined ? undefined : changes.find((change) => change.changeId === cause.changeId)?.title;
}
