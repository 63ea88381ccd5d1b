import type { ConditionState } from "@yunwei/schemas";

/** What happens to an alert. `held` is the passing of the time that the state waits for. */
export type AlertInput = "breach" | "clear" | "held" | "silence";

interface AlertMove {
  readonly from: ConditionState;
  readonly on: AlertInput;
  /** Undefined = the alert is forgotten: it never fired. */
  readonly to: ConditionState | undefined;
}

/** The condition axis of notes/itsm.md §3.1 as a table; a pair that is not here changes nothing. */
export const ALERT_MOVES: readonly AlertMove[] = [
  { from: "pending", on: "held", to: "firing" },
  { from: "pending", on: "clear", to: undefined },
  { from: "pending", on: "silence", to: undefined },
  { from: "firing", on: "clear", to: "recovering" },
  { from: "firing", on: "silence", to: "no_data" }, // the same alert, with another reason: silence is not health
  { from: "recovering", on: "breach", to: "firing" }, // the same episode
  { from: "recovering", on: "held", to: "resolved" },
  { from: "recovering", on: "silence", to: "no_data" },
  { from: "no_data", on: "breach", to: "firing" },
  { from: "no_data", on: "clear", to: "recovering" },
];

/** The state after an input; the same when the table has no such move; undefined when the alert ends unseen. */
export function nextCondition(from: ConditionState, on: AlertInput): ConditionState | undefined {
  const move = ALERT_MOVES.find((row) => row.from === from && row.on === on);
  return move === undefined ? from : move.to;
}
