import type { IncidentMessage } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import { incidentMessage, LOCK_CAUSE, REPORT } from "../text/incident-message.fixture.ts";
import { kindOf } from "./notification-kind.ts";
import { decide, HOLD_MS } from "./notification-rules.ts";

const AT_MS = Date.parse("2026-06-18T06:04:00.000Z");
const unknown = { ...REPORT, verdict: "undetermined" as const, causes: [] };
const say = (event: string, changes: Partial<IncidentMessage> = {}, report = REPORT) => incidentMessage({ event, ...changes }, { report });

describe("kindOf", () => {
  it.each([
    ["created", {}, "created"],
    ["cause_named", {}, "cause"],
    ["cause_changed", {}, "cause"],
    ["alerts_changed", { fields: { priority: "P1", previousPriority: "P3" } }, "raised"],
    ["alerts_changed", { fields: { priority: "P3", previousPriority: "P3" } }, undefined],
    ["major_declared", {}, "major"],
    ["respond_breached", {}, "breached"],
    ["restore_breached", {}, "breached"],
    ["respond_warned", {}, undefined],
    ["mitigated", {}, "restored"],
    ["resolved", { from: "in_progress" }, "restored"],
    ["resolved", { from: "mitigated" }, undefined],
    ["regressed", {}, "broken_again"],
    ["reopened", {}, "broken_again"],
    ["acknowledged", {}, undefined],
    ["alerts_resolved", {}, undefined],
    ["closed", {}, undefined],
  ] as const)("%s %o is %s", (event, changes, want) => {
    expect(kindOf(say(event, changes as Partial<IncidentMessage>))).toBe(want);
  });
});

describe("decide", () => {
  const fresh = { firstHeld: false };
  const held = { firstHeld: true, causeTold: "" };
  const told = { firstHeld: false, causeTold: LOCK_CAUSE };

  it("sends the first message at once when it carries the cause, and holds it when it does not", () => {
    expect(decide(say("created"), fresh)).toMatchObject({ kind: "created", state: "pending", notBeforeMs: AT_MS });
    expect(decide(say("created", {}, unknown), fresh)).toMatchObject({ state: "pending", notBeforeMs: AT_MS + HOLD_MS, reason: "held for the cause" });
    expect(decide(say("created", {}, { ...unknown, verdict: "external_load" as never }), fresh)).toMatchObject({ notBeforeMs: AT_MS });
  });

  it("puts the cause into the held first message and lets it go", () => {
    expect(decide(say("cause_named"), held)).toMatchObject({ state: "skipped", refreshFirst: true, releaseFirst: true });
  });

  it("renews the held first message with whatever else happens", () => {
    expect(decide(say("alerts_changed", { fields: {} }, unknown), held)).toMatchObject({ refreshFirst: true, releaseFirst: false });
    expect(decide(say("alerts_changed", { fields: { priority: "P1", previousPriority: "P3" } }, unknown), held)).toMatchObject({
      state: "skipped",
      refreshFirst: true,
      releaseFirst: false,
    });
    expect(decide(say("mitigated", {}, unknown), held)).toMatchObject({ kind: "restored", state: "pending", releaseFirst: true });
  });

  it("tells a cause once", () => {
    expect(decide(say("cause_named"), told)).toMatchObject({ state: "skipped", reason: "this cause was told before" });
    expect(decide(say("cause_named"), { firstHeld: false, causeTold: "" })).toMatchObject({ kind: "cause", state: "pending" });
    expect(decide(say("cause_changed", {}, unknown), told)).toMatchObject({ kind: "cause", state: "pending" });
  });

  it("does not wake anybody for the cause of what is over", () => {
    expect(decide(say("cause_changed", { to: "mitigated" }, unknown), told)).toMatchObject({ state: "skipped", reason: "service was restored before" });
  });

  it("records nothing for entries that are no news", () => {
    expect(decide(say("acknowledged"), told)).toEqual({ reason: "", notBeforeMs: AT_MS, refreshFirst: false, releaseFirst: false });
  });
});
