import type { ConditionState } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AlertBook, type StaticReading } from "./alert-book.ts";
import { ALERT_MOVES, type AlertInput, nextCondition } from "./alert-lifecycle.ts";
import { type AlertPolicy, DEFAULT_POLICIES, durationMs, matchesGlob, policyFor, type StaticPolicy } from "./alert-policy.ts";
import { deviation, plainId } from "./alerting.test-data.ts";

const SLOW: AlertPolicy = { id: "slow", kind: "dynamic", severity: "major", families: ["latency"], entityTypes: ["service"], for: "30s", keepFiring: "1m" };
const DURATION = "yunwei.service.duration";
const events = (changes: readonly { event: string }[]): string[] => changes.map((change) => change.event);

describe("the alert life cycle", () => {
  it("has one move a pair, and every other pair changes nothing", () => {
    const states: ConditionState[] = ["pending", "firing", "recovering", "resolved", "no_data"];
    const inputs: AlertInput[] = ["breach", "clear", "held", "silence"];
    expect(new Set(ALERT_MOVES.map((move) => `${move.from}|${move.on}`)).size).toBe(ALERT_MOVES.length);
    for (const from of states) {
      for (const on of inputs) {
        const row = ALERT_MOVES.find((move) => move.from === from && move.on === on);
        expect(nextCondition(from, on)).toBe(row === undefined ? from : row.to);
      }
    }
    for (const on of inputs) expect(nextCondition("resolved", on)).toBe("resolved");
  });
});

describe("AlertBook", () => {
  it("waits as long as the policy says, fires once, recovers, and resolves after keeping on", () => {
    const book = new AlertBook(plainId);
    expect(book.takeAnomaly(deviation("service:web", DURATION, 100), [SLOW])).toEqual([]);
    expect(book.takeAnomaly(deviation("service:web", DURATION, 115, { state: "update", onsetUnixNano: "100000000000" }), [SLOW])).toEqual([]);
    expect(events(book.takeAnomaly(deviation("service:web", DURATION, 130, { state: "update", peakScore: 90, value: 20 }), [SLOW]))).toEqual(["fired"]);
    expect(book.active()[0]!.summary).toMatchObject({
      condition: "firing",
      value: 20,
      peakScore: 90,
      startedUnixNano: "100000000000",
      firedUnixNano: "130000000000",
    });
    expect(events(book.takeAnomaly(deviation("service:web", DURATION, 200, { state: "close" }), [SLOW]))).toEqual(["recovering"]);
    expect(book.tick(() => 240_000)).toEqual([]);
    expect(events(book.tick(() => 260_000))).toEqual(["resolved"]);
    expect(book.alerts.size).toBe(0);
  });

  it("is not seen when it passes before its time, and is the same episode when it comes back while recovering", () => {
    const book = new AlertBook(plainId);
    book.takeAnomaly(deviation("service:web", DURATION, 100), [SLOW]);
    expect(book.takeAnomaly(deviation("service:web", DURATION, 110, { state: "close" }), [SLOW])).toEqual([]);
    expect(book.alerts.size).toBe(0);
    book.takeAnomaly(deviation("service:web", DURATION, 200), [SLOW]);
    const [fired] = book.tick(() => 230_000);
    book.takeAnomaly(deviation("service:web", DURATION, 240, { state: "close" }), [SLOW]);
    const [again] = book.takeAnomaly(deviation("service:web", DURATION, 250), [SLOW]);
    expect([fired!.event, again!.event, again!.alert.summary.alertId === fired!.alert.summary.alertId]).toEqual(["fired", "refired", true]);
  });

  it("takes nothing twice and nothing late", () => {
    const book = new AlertBook(plainId);
    const story = [
      deviation("service:web", DURATION, 100),
      deviation("service:web", DURATION, 140, { state: "update" }),
      deviation("service:web", DURATION, 200, { state: "close" }),
    ];
    for (const one of story) book.takeAnomaly(one, [SLOW]);
    const before = structuredClone([...book.alerts.values()]);
    for (const one of story.slice(0, 2)) expect(book.takeAnomaly(one, [SLOW])).toEqual([]);
    expect([...book.alerts.values()]).toEqual(before);
  });

  it("turns an alert of a silent entity into no data under the same id, and back", () => {
    const book = new AlertBook(plainId);
    const policies: AlertPolicy[] = [
      { ...SLOW, for: "0s" },
      { id: "silent", kind: "dynamic", severity: "major", families: ["availability"] },
    ];
    book.takeAnomaly(deviation("service:web", DURATION, 100), policies);
    const changes = book.takeAnomaly(
      deviation("service:web", "process.uptime", 160, { detector: "absence", direction: "absent", family: "availability", anomalyId: "gone" }),
      policies,
    );
    expect(events(changes)).toEqual(["no_data", "fired"]);
    expect(events(book.takeAnomaly(deviation("service:web", DURATION, 300, { state: "update" }), policies))).toEqual(["refired"]);
  });

  it("never has a state that the table does not allow, whatever comes in whatever order", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.integer({ min: 0, max: 600 }),
            state: fc.constantFrom("open" as const, "update" as const, "close" as const),
            service: fc.constantFrom("a", "b"),
            tick: fc.boolean(),
          }),
          { maxLength: 60 },
        ),
        (inputs) => {
          const book = new AlertBook(plainId);
          const last = new Map<string, string>();
          for (const { at, state, service, tick } of inputs) {
            const changes = tick ? book.tick(() => at * 1000) : book.takeAnomaly(deviation(`service:${service}`, DURATION, at, { state }), [SLOW]);
            for (const { alert, event } of changes) {
              const before = last.get(alert.summary.alertId);
              expect([before, event]).toSatisfy(([from, to]: string[]) =>
                to === "fired"
                  ? from === undefined
                  : to === "refired"
                    ? from === "recovering" || from === "no_data"
                    : from !== undefined && from !== "resolved",
              );
              last.set(alert.summary.alertId, event === "refired" ? "fired" : event);
            }
          }
        },
      ),
    );
  });

  it("holds static policies against points", () => {
    const policy: StaticPolicy = { id: "hot", kind: "static", severity: "minor", metric: "temp", op: ">=", threshold: 80, for: "1m" };
    const reading = (value: number, atS: number): StaticReading => ({
      policy,
      entity: "host:h",
      service: "",
      site: "s",
      tier: "core",
      department: "d",
      metric: "temp",
      unit: "Cel",
      seriesId: "00000000000000ab",
      family: "other",
      labels: {},
      value,
      timeMs: atS * 1000,
      breached: value >= 80,
      source: "store",
    });
    const book = new AlertBook(plainId);
    expect(events([...book.takeReading(reading(85, 0)), ...book.takeReading(reading(90, 30)), ...book.takeReading(reading(91, 60))])).toEqual(["fired"]);
    expect(book.active()[0]!.summary).toMatchObject({ expected: 80, value: 91, direction: "up" });
    expect(events(book.takeReading(reading(70, 90)))).toEqual(["recovering"]);
  });
});

describe("policies", () => {
  it("leave out what is harmless, unripe, too faint or elsewhere", () => {
    const faint: AlertPolicy = { ...SLOW, minScore: 50, sites: ["nanjing"] } as AlertPolicy;
    const one = deviation("service:web", DURATION, 1);
    expect([
      policyFor([SLOW], one)?.id,
      policyFor([SLOW], { ...one, harmful: false }),
      policyFor([SLOW], { ...one, mature: false }),
      policyFor([faint], one),
      policyFor([faint], { ...one, peakScore: 60, site: "nanjing" })?.id,
    ]).toEqual(["slow", undefined, undefined, undefined, "slow"]);
  });

  it("by default page on what people feel and on hard facts", () => {
    const id = (one: Parameters<typeof policyFor>[1]) => policyFor(DEFAULT_POLICIES, one)?.id;
    expect(id(deviation("service:web", "yunwei.service.error_ratio", 1))).toBe("service-errors");
    expect(id(deviation("vm:v", "system.filesystem.utilization", 1, { detector: "limit" }))).toBe("disk-full");
    expect(id(deviation("vm:v", "system.cpu.utilization", 1, { peakScore: 10 }))).toBeUndefined();
    expect(id(deviation("service:web", "yunwei.service.rate", 1))).toBeUndefined();
  });

  it("read durations and simple globs", () => {
    expect([durationMs("30s", 1), durationMs("5m", 1), durationMs("2h", 1), durationMs(undefined, 7)]).toEqual([30_000, 300_000, 7_200_000, 7]);
    expect(
      ["system.*", "*.duration", "a*b*c", "plain"].map((pattern) =>
        ["system.cpu", "x.duration", "a1b2c", "plain", "abc", "ac"].filter((text) => matchesGlob(pattern, text)),
      ),
    ).toEqual([["system.cpu"], ["x.duration"], ["a1b2c", "abc"], ["plain"]]);
  });
});
