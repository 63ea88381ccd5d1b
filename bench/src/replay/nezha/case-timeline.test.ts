import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut } from "./case-timeline.ts";
import { type FaultCase, parseFaultList } from "./fault-case.ts";

const MINUTE_MS = 60_000;
const faultAt = (minute: number): FaultCase => ({
  namespace: "hipster",
  index: 1,
  injectTime: "",
  injectMs: minute * MINUTE_MS,
  pod: "frontend-579b9bff58-t2dbm",
  service: "frontend",
  type: "return",
});

describe("layOut", () => {
  it("takes the minutes right before the fault when they are healthy", () => {
    const fault = faultAt(200);
    expect(layOut(fault, [fault], 0, 400 * MINUTE_MS)).toEqual({
      historyFromMs: 100 * MINUTE_MS,
      historyToMs: 200 * MINUTE_MS,
      historyShiftMs: 0,
      injectMs: 200 * MINUTE_MS,
      endMs: 205 * MINUTE_MS,
    });
  });

  it("takes the nearest healthy stretch when other faults stand in the way", () => {
    const faults = [faultAt(100), faultAt(108), faultAt(116)];
    expect(layOut(faults[0]!, faults, 95 * MINUTE_MS, 400 * MINUTE_MS)).toMatchObject({ historyFromMs: 122 * MINUTE_MS, endMs: 105 * MINUTE_MS });
  });

  it("ends where the next fault begins, and is content with 40 minutes", () => {
    const faults = [faultAt(50), faultAt(53)];
    expect(layOut(faults[0]!, faults, 5 * MINUTE_MS, 60 * MINUTE_MS)).toMatchObject({ historyFromMs: 10 * MINUTE_MS, endMs: 53 * MINUTE_MS });
  });

  it.each([
    { case: "no healthy 40 minutes", from: 20, to: 80 },
    { case: "nothing after the fault", from: 0, to: 51 },
  ])("gives up with $case", ({ from, to }) => {
    const fault = faultAt(50);
    expect(layOut(fault, [fault], from * MINUTE_MS, to * MINUTE_MS)).toBeUndefined();
  });

  it("never takes a faulty minute for a healthy one", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 12 }), fc.nat(), (minutes, pick) => {
        const faults = minutes.sort((a, b) => a - b).map(faultAt);
        const layout = layOut(faults[pick % faults.length]!, faults, 0, 600 * MINUTE_MS);
        if (layout === undefined) return;
        for (const { injectMs } of faults) expect(injectMs + 6 * MINUTE_MS <= layout.historyFromMs || injectMs >= layout.historyToMs).toBe(true);
        expect(layout.historyToMs - layout.historyFromMs).toBeGreaterThanOrEqual(40 * MINUTE_MS);
        expect(Math.abs(layout.historyShiftMs % MINUTE_MS)).toBe(0);
      }),
    );
  });
});

describe("parseFaultList", () => {
  it("numbers the faults by inject_time and ignores inject_timestamp", () => {
    const list = {
      "09": [{ inject_time: "2023-01-29 09:03:53", inject_timestamp: "1", inject_pod: "ts-basic-service-5dc8d4f9fd-46997", inject_type: "return" }],
      "08": [{ inject_time: "2023-01-29 08:43:04", inject_timestamp: "9", inject_pod: "ts-contacts-service-866bd68c97-xcqfx", inject_type: "exception" }],
    };
    expect(parseFaultList("ts", JSON.stringify(list))).toMatchObject([
      { index: 1, service: "ts-contacts-service", injectMs: Date.UTC(2023, 0, 29, 8, 43, 4), type: "exception" },
      { index: 2, service: "ts-basic-service", injectMs: Date.UTC(2023, 0, 29, 9, 3, 53) },
    ]);
  });
});
