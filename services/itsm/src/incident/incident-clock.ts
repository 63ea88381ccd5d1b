import type { IncidentPriority } from "@yunwei/schemas";
import type { Incident, StateSpan } from "./incident.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export type ClockName = "respond" | "restore";

/** Promised times by priority, on a 7x24 calendar, which is no calendar at all: elapsed time is wall time minus pauses. */
export const TARGETS_MS: Readonly<Record<IncidentPriority, Readonly<Record<ClockName, number>>>> = {
  P1: { respond: 15 * MINUTE_MS, restore: 2 * HOUR_MS },
  P2: { respond: 30 * MINUTE_MS, restore: 4 * HOUR_MS },
  P3: { respond: 2 * HOUR_MS, restore: 24 * HOUR_MS },
  P4: { respond: 4 * HOUR_MS, restore: 72 * HOUR_MS },
};

/** Waiting stops the clock only for these reasons: we cannot go on without the person who reported it. */
export const PAUSING_REASONS: readonly string[] = ["user"];

/** A clock warns when this share of its target has passed. */
const WARN_RATIO = 0.75;

export interface ClockReading {
  readonly targetMs: number;
  /** Running time so far, without pauses; never falls while time goes on. */
  readonly elapsedMs: number;
  readonly state: "running" | "paused" | "stopped";
  readonly breached: boolean;
  /** When the target is reached (or was): known while it runs, and after a breach. */
  readonly dueAtMs?: number;
}

/**
 * Reads a clock from the incident's spans, which are the fold of its log: nothing is counted up anywhere, so a reading
 * can be repeated for any moment. A change of priority changes the target and keeps what has elapsed.
 * @param nowMs - before the last span it is taken as that span's start
 */
export function readClock(clock: ClockName, incident: Pick<Incident, "spans" | "priority">, nowMs: number): ClockReading {
  const targetMs = TARGETS_MS[incident.priority][clock];
  let elapsedMs = 0;
  let dueAtMs: number | undefined;
  let state: ClockReading["state"] = "stopped";
  for (let i = 0; i < incident.spans.length; i++) {
    const span = incident.spans[i]!;
    const next = incident.spans[i + 1];
    state = conditionOf(clock, span);
    if (state !== "running") continue;
    const lengthMs = Math.max((next?.atMs ?? nowMs) - span.atMs, 0);
    if (dueAtMs === undefined && (next === undefined || elapsedMs + lengthMs >= targetMs)) dueAtMs = span.atMs + targetMs - elapsedMs;
    elapsedMs += lengthMs;
  }
  const reading = { targetMs, elapsedMs, state, breached: elapsedMs >= targetMs };
  return dueAtMs === undefined ? reading : { ...reading, dueAtMs };
}

function conditionOf(clock: ClockName, span: StateSpan): ClockReading["state"] {
  if (clock === "respond") return !span.acknowledged && (span.state === "new" || span.state === "assigned") ? "running" : "stopped";
  if (span.state === "pending") return PAUSING_REASONS.includes(span.waitReason ?? "") ? "paused" : "running";
  return span.state === "new" || span.state === "assigned" || span.state === "in_progress" ? "running" : "stopped";
}

export type ClockEvent = "respond_warn" | "respond_breach" | "restore_warn" | "restore_breach";

/** What the clocks have to say at `nowMs` and have not said before. A warning that comes too late to warn is left out. */
export function dueClockEvents(incident: Pick<Incident, "spans" | "priority" | "clockEvents">, nowMs: number): ClockEvent[] {
  const due: ClockEvent[] = [];
  for (const clock of ["respond", "restore"] as const) {
    const reading = readClock(clock, incident, nowMs);
    if (reading.state !== "running") continue;
    if (reading.breached) due.push(`${clock}_breach`);
    else if (reading.elapsedMs >= reading.targetMs * WARN_RATIO) due.push(`${clock}_warn`);
  }
  return due.filter((event) => !incident.clockEvents.includes(event));
}

/** When `dueClockEvents` next has something, if nothing else happens; undefined = never. May lie in the past. */
export function nextClockEventMs(incident: Pick<Incident, "spans" | "priority" | "clockEvents">, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const clock of ["respond", "restore"] as const) {
    const reading = readClock(clock, incident, nowMs);
    if (reading.state !== "running" || reading.dueAtMs === undefined) continue;
    const warnAtMs = reading.dueAtMs - reading.targetMs * (1 - WARN_RATIO);
    const moments: [ClockEvent, number][] = [[`${clock}_breach`, reading.dueAtMs]];
    if (!reading.breached) moments.push([`${clock}_warn`, warnAtMs]);
    for (const [event, atMs] of moments) {
      if (!incident.clockEvents.includes(event) && (next === undefined || atMs < next)) next = atMs;
    }
  }
  return next;
}
