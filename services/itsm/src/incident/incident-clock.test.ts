import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACKNOWLEDGE, ASSIGN, MITIGATE, newIncident, OPENED_MS, play, RECOVER, REGRESS, RESUME, WAIT } from "./incident.fixture.ts";
import type { StateSpan } from "./incident.ts";
import { dueClockEvents, nextClockEventMs, PAUSING_REASONS, readClock, TARGETS_MS } from "./incident-clock.ts";

const MINUTE_MS = 60_000;
const at = (minutes: number) => OPENED_MS + minutes * MINUTE_MS;

describe("readClock", () => {
  it("runs from the opening; acknowledging stops the respond clock, mitigating the restore clock", () => {
    const opened = newIncident();
    expect(opened.priority).toBe("P2");
    expect(readClock("respond", opened, at(10))).toEqual({
      targetMs: 30 * MINUTE_MS,
      elapsedMs: 10 * MINUTE_MS,
      state: "running",
      breached: false,
      dueAtMs: at(30),
    });
    const mitigated = play(opened, ACKNOWLEDGE, MITIGATE); // at minute 1 and 2
    expect(readClock("respond", mitigated, at(500))).toEqual({ targetMs: 30 * MINUTE_MS, elapsedMs: MINUTE_MS, state: "stopped", breached: false });
    expect(readClock("restore", mitigated, at(500))).toEqual({ targetMs: 240 * MINUTE_MS, elapsedMs: 2 * MINUTE_MS, state: "stopped", breached: false });
  });

  it("pauses the restore clock while it waits for the user, and not while it waits for a vendor", () => {
    const forUser = play(newIncident(), ACKNOWLEDGE, WAIT); // waits from minute 2
    expect(readClock("restore", forUser, at(60))).toEqual({ targetMs: 240 * MINUTE_MS, elapsedMs: 2 * MINUTE_MS, state: "paused", breached: false });
    const forVendor = play(newIncident(), ACKNOWLEDGE, { ...WAIT, fields: { reason: "vendor", condition: "a disk" } });
    expect(readClock("restore", forVendor, at(60))).toMatchObject({ elapsedMs: 60 * MINUTE_MS, state: "running", dueAtMs: at(240) });
    const resumed = play(forUser, RESUME); // at minute 3
    expect(readClock("restore", resumed, at(10))).toMatchObject({ elapsedMs: 9 * MINUTE_MS, state: "running", dueAtMs: at(241) });
  });

  it("goes on with what has elapsed when it breaks again", () => {
    const broken = play(newIncident(), RECOVER, REGRESS); // mitigated at minute 1, broken at minute 2
    expect(readClock("respond", broken, at(5))).toMatchObject({ elapsedMs: 4 * MINUTE_MS, state: "running", dueAtMs: at(31) });
    expect(readClock("restore", broken, at(5))).toMatchObject({ elapsedMs: 4 * MINUTE_MS, dueAtMs: at(241) });
  });

  it("re-targets with the priority and keeps the elapsed time", () => {
    const raised = { ...newIncident(), priority: "P1" as const };
    expect(readClock("respond", raised, at(20))).toEqual({
      targetMs: 15 * MINUTE_MS,
      elapsedMs: 20 * MINUTE_MS,
      state: "running",
      breached: true,
      dueAtMs: at(15),
    });
  });

  it("counts the target itself as a breach, half-open like every segment", () => {
    expect(readClock("respond", newIncident(), at(30) - 1).breached).toBe(false);
    expect(readClock("respond", newIncident(), at(30)).breached).toBe(true);
  });
});

describe("dueClockEvents", () => {
  it("warns at 75 %, breaches at 100 %, and says each once", () => {
    let incident = newIncident();
    expect(nextClockEventMs(incident, at(0))).toBe(at(22.5));
    expect(dueClockEvents(incident, at(22.5) - 1)).toEqual([]);
    expect(dueClockEvents(incident, at(22.5))).toEqual(["respond_warn"]);
    incident = { ...incident, clockEvents: ["respond_warn"] };
    expect(dueClockEvents(incident, at(23))).toEqual([]);
    expect(nextClockEventMs(incident, at(23))).toBe(at(30));
    expect(dueClockEvents(incident, at(30))).toEqual(["respond_breach"]);
    incident = { ...incident, clockEvents: ["respond_warn", "respond_breach"] };
    expect(nextClockEventMs(incident, at(31))).toBe(at(180));
    expect(dueClockEvents(incident, at(250))).toEqual(["restore_breach"]);
  });

  it("leaves out a warning that would come after the breach", () => {
    expect(dueClockEvents(newIncident(), at(45))).toEqual(["respond_breach"]);
  });

  it("is silent while nothing runs", () => {
    const mitigated = play(newIncident(), ACKNOWLEDGE, MITIGATE);
    expect(dueClockEvents(mitigated, at(9999))).toEqual([]);
    expect(nextClockEventMs(mitigated, at(9999))).toBeUndefined();
    expect(nextClockEventMs(play(newIncident(), ASSIGN), at(2))).toBe(at(22.5));
  });
});

const anyReason = fc.constantFrom("user", "vendor", "change", "spare");
const anyHistory = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 10_000_000 }),
      state: fc.constantFrom("new", "assigned", "in_progress", "pending", "mitigated", "resolved"),
      acknowledged: fc.boolean(),
      reason: anyReason,
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((steps): StateSpan[] => {
    let atMs = OPENED_MS;
    return steps.map((step) => {
      atMs += step.gapMs;
      const span = { atMs, state: step.state, acknowledged: step.acknowledged } as const;
      return step.state === "pending" ? { ...span, waitReason: step.reason } : span;
    });
  });
const anyClock = fc.constantFrom("respond" as const, "restore" as const);
const anyPriority = fc.constantFrom("P1" as const, "P2" as const, "P3" as const, "P4" as const);

describe("laws of the clocks", () => {
  it("elapsed time never falls", () => {
    fc.assert(
      fc.property(anyClock, anyPriority, anyHistory, fc.nat(9_000_000), fc.nat(9_000_000), (clock, priority, spans, first, more) => {
        const end = spans.at(-1)!.atMs;
        const early = readClock(clock, { spans, priority }, end + first).elapsedMs;
        expect(readClock(clock, { spans, priority }, end + first + more).elapsedMs).toBeGreaterThanOrEqual(early);
      }),
    );
  });

  it("pausing takes nothing away, and nothing passes while it lasts", () => {
    fc.assert(
      fc.property(anyPriority, anyHistory, fc.nat(9_000_000), fc.nat(9_000_000), (priority, spans, untilMs, pauseMs) => {
        const pauseAtMs = spans.at(-1)!.atMs + untilMs;
        const before = readClock("restore", { spans, priority }, pauseAtMs).elapsedMs;
        const paused: StateSpan[] = [...spans, { atMs: pauseAtMs, state: "pending", acknowledged: true, waitReason: PAUSING_REASONS[0]! }];
        expect(readClock("restore", { spans: paused, priority }, pauseAtMs + pauseMs).elapsedMs).toBe(before);
      }),
    );
  });

  it("restore time is the wall clock minus pauses, until it is restored", () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(9_000_000), (history, restMs) => {
        const spans = history.filter((span) => span.state !== "mitigated" && span.state !== "resolved");
        fc.pre(spans.length > 0);
        const nowMs = spans.at(-1)!.atMs + restMs;
        const pausedMs = spans.reduce((sum, span, i) => sum + (span.waitReason === "user" ? (spans[i + 1]?.atMs ?? nowMs) - span.atMs : 0), 0);
        expect(readClock("restore", { spans, priority: "P3" }, nowMs).elapsedMs).toBe(nowMs - spans[0]!.atMs - pausedMs);
      }),
    );
  });

  it("the due time is exactly when the target is reached, seen from before and from after", () => {
    fc.assert(
      fc.property(anyClock, anyPriority, anyHistory, fc.nat(400_000_000), (clock, priority, spans, restMs) => {
        const reading = readClock(clock, { spans, priority }, spans.at(-1)!.atMs + restMs);
        if (reading.breached) expect(reading.dueAtMs).toBeDefined();
        if (reading.dueAtMs === undefined || reading.dueAtMs < spans.at(-1)!.atMs) return;
        expect(readClock(clock, { spans, priority }, reading.dueAtMs).elapsedMs).toBe(TARGETS_MS[priority][clock]);
        expect(readClock(clock, { spans, priority }, reading.dueAtMs).dueAtMs).toBe(reading.dueAtMs);
      }),
    );
  });

  it("something is due exactly from the announced moment on", () => {
    fc.assert(
      fc.property(anyPriority, anyHistory, (priority, spans) => {
        const incident = { spans, priority, clockEvents: [] };
        const nowMs = spans.at(-1)!.atMs;
        const nextMs = nextClockEventMs(incident, nowMs);
        expect(dueClockEvents(incident, nowMs).length > 0).toBe(nextMs !== undefined && nextMs <= nowMs);
        if (nextMs !== undefined && nextMs > nowMs) {
          expect(dueClockEvents(incident, nextMs).length).toBeGreaterThan(0);
          expect(dueClockEvents(incident, nextMs - 1)).toEqual([]);
        }
      }),
    );
  });
});
