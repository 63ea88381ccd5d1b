import type { IncidentMessage } from "@yunwei/schemas";
import { causeOf, kindOf, type NotificationKind } from "./notification-kind.ts";

/** The first message waits this long for a cause, so that one message says it all. */
export const HOLD_MS = 20_000;

/** What a channel has been told of an incident so far. */
export interface ChannelHistory {
  /** The first message still waits, and no sending of it has begun: it can be renewed. */
  readonly firstHeld: boolean;
  /** What the newest message said of the cause; undefined = nothing was said yet. */
  readonly causeTold?: string;
}

/** What to do with an entry for one channel. */
export interface Decision {
  readonly kind?: NotificationKind;
  /** Absent together with `kind`: nothing to record. */
  readonly state?: "pending" | "skipped";
  readonly reason: string;
  /** Earliest sending, Unix milliseconds. */
  readonly notBeforeMs: number;
  /** Renew the held first message with this entry's view of the incident ... */
  readonly refreshFirst: boolean;
  /** ... and let it go now. */
  readonly releaseFirst: boolean;
}

/** Decides what one entry of an incident's log means for one channel. Pure. */
export function decide(message: IncidentMessage, history: ChannelHistory): Decision {
  const kind = kindOf(message);
  const atMs = Date.parse(message.at);
  const base = { reason: "", notBeforeMs: atMs, refreshFirst: history.firstHeld, releaseFirst: false };
  if (kind === undefined) return base;
  const pending = { ...base, kind, state: "pending" as const };
  const skipped = (reason: string) => ({ ...base, kind, state: "skipped" as const, reason });
  if (kind === "created") {
    const known = causeOf(message.incident.report) !== "";
    return known ? pending : { ...pending, reason: "held for the cause", notBeforeMs: atMs + HOLD_MS };
  }
  if (history.firstHeld && (kind === "cause" || kind === "raised")) {
    return { ...skipped("told in the first message"), releaseFirst: kind === "cause" };
  }
  if (kind === "cause" && causeOf(message.incident.report) === history.causeTold) return skipped("this cause was told before");
  if (kind === "cause" && isOver(message)) return skipped("service was restored before");
  return { ...pending, releaseFirst: history.firstHeld };
}

function isOver(message: IncidentMessage): boolean {
  return !["new", "assigned", "in_progress", "pending"].includes(message.to);
}
