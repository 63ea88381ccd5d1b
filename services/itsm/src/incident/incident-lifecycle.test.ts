import type { IncidentState } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { ACKNOWLEDGE, ASSIGN, MACHINE, newIncident, OPENED_MS, PATHS, play, RECOVER, REGRESS, WANG } from "./incident.fixture.ts";
import type { Actor } from "./incident.ts";
import { INCIDENT_EVENTS, type IncidentEvent, legalMoves, move } from "./incident-lifecycle.ts";

const STATES = Object.keys(PATHS) as IncidentState[];
const NOW_MS = OPENED_MS + 3_600_000;

/** Everything that any move asks for, so that only the state decides. */
const ALL_FIELDS = {
  assignee: "wang",
  reason: "user",
  condition: "a call",
  serviceRestoredAt: "2026-06-18T06:05:00Z",
  workaround: "none",
  resolutionCode: "fixed",
  causeCategory: "software",
  rootCause: "unknown",
  excuse: "wrong alert",
  parentId: "i0",
  commander: "li",
  communicator: "zhao",
  scribe: "sun",
  reviewRecord: "r1",
};

/**
 * Written down apart from the code: what each state becomes. Columns are the states in the order
 * new, assigned, in_progress, pending, mitigated, resolved, closed, merged, cancelled; "." = refused, "=" = stays.
 */
const BY_PERSON: Readonly<Record<IncidentEvent, string>> = {
  create: ". . . . . . . . .",
  assign: "assigned = = = = . . . .",
  acknowledge: "in_progress in_progress . . . . . . .", // mitigated: only when nobody has acknowledged, see below
  wait: ". . pending . . . . . .",
  resume: ". . . in_progress . . . . .",
  mitigate: ". . mitigated . . . . . .",
  regress: ". . . . in_progress . . . .",
  resolve: ". . resolved . resolved . . . .",
  reopen: ". . . . . in_progress . . .",
  close: ". . . . . closed . . .",
  merge: "merged merged merged merged merged . . . .",
  cancel: "cancelled cancelled . . . . . . .",
  declare_major: "= = = = = = . . .",
  revoke_major: ". . . . . . . . .", // none of them is major
  respond_warn: ". . . . . . . . .",
  respond_breach: ". . . . . . . . .",
  restore_warn: ". . . . . . . . .",
  restore_breach: ". . . . . . . . .",
  name_cause: ". . . . . . . . .",
  change_cause: ". . . . . . . . .",
  change_alerts: ". . . . . . . . .",
  resolve_alerts: ". . . . . . . . .",
};
const BY_SYSTEM: Readonly<Record<IncidentEvent, string>> = {
  create: ". . . . . . . . .",
  assign: ". . . . . . . . .",
  acknowledge: ". . . . . . . . .", // the system never pretends that a person has looked
  wait: ". . . . . . . . .",
  resume: ". . . in_progress . . . . .",
  mitigate: "mitigated mitigated mitigated mitigated . . . . .",
  regress: ". . . . in_progress . . . .",
  resolve: ". . . . . . . . .",
  reopen: ". . . . . in_progress . . .",
  close: ". . . . . closed . . .",
  merge: ". . . . . . . . .",
  cancel: ". . . . . . . . .",
  declare_major: ". . . . . . . . .",
  revoke_major: ". . . . . . . . .",
  respond_warn: "= = . . . . . . .",
  respond_breach: "= = . . . . . . .",
  restore_warn: "= = = = . . . . .",
  restore_breach: "= = = = . . . . .",
  name_cause: "= = = = = = . . .",
  change_cause: "= = = = = = . . .",
  change_alerts: "= = = = = = . . .",
  resolve_alerts: "= = = = = = . . .",
};

const CASES = [...grid(WANG, BY_PERSON), ...grid(MACHINE, BY_SYSTEM)];

function grid(actor: Actor, table: Readonly<Record<IncidentEvent, string>>) {
  return INCIDENT_EVENTS.flatMap((event) =>
    table[event].split(" ").map((cell, column) => {
      const from = STATES[column]!;
      return { actor, who: actor.kind, event, from, want: cell === "=" ? from : cell };
    }),
  );
}

describe("move", () => {
  it("is tested for every state, event and kind of actor", () => {
    expect(CASES).toHaveLength(9 * INCIDENT_EVENTS.length * 2);
  });

  it.each(CASES)("$who: $event from $from gives $want", ({ actor, event, from, want }) => {
    const incident = play(newIncident(), ...PATHS[from]);
    expect(incident.state).toBe(from);
    const attempt = () => move(incident, event, actor, ALL_FIELDS, NOW_MS);
    if (want === ".")
      expect(attempt).toThrow(expect.objectContaining({ code: "YUNWEI_INCIDENT_MOVE", details: { state: from, event, legal: legalMoves(incident, actor) } }));
    else expect(attempt()).toBe(want);
  });

  it("names in a refusal what is possible", () => {
    const resolved = play(newIncident(), ...PATHS.resolved);
    expect(() => move(resolved, "acknowledge", WANG, {}, NOW_MS)).toThrow(
      "INC-000001: in state resolved, acknowledge is not possible. Possible now: reopen, close, declare_major",
    );
  });

  it.each([
    { event: "acknowledge", from: "new", missing: ["assignee"] },
    { event: "assign", from: "new", missing: ["assignee|assigneeGroup"] },
    { event: "wait", from: "in_progress", missing: ["reason", "resumeAt|condition"] },
    { event: "mitigate", from: "in_progress", missing: ["serviceRestoredAt", "workaround"] },
    { event: "resolve", from: "in_progress", missing: ["resolutionCode", "causeCategory", "rootCause"] },
    { event: "reopen", from: "resolved", missing: ["reason"] },
    { event: "merge", from: "new", missing: ["parentId"] },
    { event: "cancel", from: "new", missing: ["reason"] },
    { event: "declare_major", from: "new", missing: ["reason", "commander", "communicator", "scribe"] },
  ] as const)("$event without its fields names them", ({ event, from, missing }) => {
    const incident = play(newIncident(), ...PATHS[from]);
    expect(() => move(incident, event, WANG, {}, NOW_MS)).toThrow(expect.objectContaining({ code: "YUNWEI_INCIDENT_FIELDS", details: { missing } }));
  });

  it("sends a self-healed incident that breaks again back to where it was, and never invents an acknowledgement", () => {
    expect(play(newIncident(), RECOVER, REGRESS)).toMatchObject({ state: "new" });
    expect(play(newIncident(), ASSIGN, RECOVER, REGRESS)).toMatchObject({ state: "assigned" });
    const acknowledged = play(newIncident(), ACKNOWLEDGE, RECOVER, REGRESS);
    expect(acknowledged).toMatchObject({ state: "in_progress", acknowledgedAtMs: OPENED_MS + 60_000 });
    expect(play(newIncident(), RECOVER)).not.toHaveProperty("acknowledgedAtMs");
  });

  it("lets a person take a self-healed incident once", () => {
    const taken = play(newIncident(), RECOVER, ACKNOWLEDGE);
    expect(taken).toMatchObject({ state: "mitigated", assignee: "wang", acknowledgedAtMs: OPENED_MS + 120_000 });
    expect(() => move(taken, "acknowledge", WANG, { assignee: "li" }, NOW_MS)).toThrow("acknowledged before");
  });
});

describe("guards", () => {
  const working = play(newIncident(), ACKNOWLEDGE);
  it.each([
    { case: "P1 waits", incident: { ...working, priority: "P1" as const }, event: "wait", fields: ALL_FIELDS, reason: "P1 incident may not wait" },
    { case: "alerts still fire", incident: working, event: "resolve", fields: { ...ALL_FIELDS, excuse: " " }, reason: "alerts still fire" },
    {
      case: "restored tomorrow",
      incident: working,
      event: "mitigate",
      fields: { ...ALL_FIELDS, serviceRestoredAt: "2027-01-01T00:00:00Z" },
      reason: "has passed",
    },
    { case: "restored at nonsense", incident: working, event: "mitigate", fields: { ...ALL_FIELDS, serviceRestoredAt: "soon" }, reason: "has passed" },
    { case: "major twice", incident: { ...working, major: true }, event: "declare_major", fields: ALL_FIELDS, reason: "major incident already" },
    {
      case: "major closed without review",
      incident: { ...play(newIncident(), ...PATHS.resolved), major: true },
      event: "close",
      fields: {},
      reason: "reviewRecord",
    },
  ] as const)("refuse: $case", ({ incident, event, fields, reason }) => {
    expect(() => move(incident, event, WANG, fields, NOW_MS)).toThrow(
      expect.objectContaining({ code: "YUNWEI_INCIDENT_MOVE", message: expect.stringContaining(reason) }),
    );
  });

  it("refuse to reopen after seven days", () => {
    const resolved = play(newIncident(), ...PATHS.resolved);
    const weekMs = 7 * 24 * 3_600_000;
    expect(move(resolved, "reopen", WANG, { reason: "slow" }, resolved.resolvedAtMs! + weekMs)).toBe("in_progress");
    expect(() => move(resolved, "reopen", WANG, { reason: "slow" }, resolved.resolvedAtMs! + weekMs + 1)).toThrow("recurrenceOf");
  });

  it("let a resolve pass without an excuse once the alerts are resolved", () => {
    expect(move({ ...working, groupState: "resolved" }, "resolve", WANG, { ...ALL_FIELDS, excuse: undefined }, NOW_MS)).toBe("resolved");
  });
});
