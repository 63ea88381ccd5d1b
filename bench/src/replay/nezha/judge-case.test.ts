import type { Cause, IncidentSnapshot, RcaReport } from "@yunwei/schemas";
import { describe, expect, it } from "vitest";
import type { FaultCase } from "./fault-case.ts";
import { accuracyAt, judgeCase } from "./judge-case.ts";

const INJECT_MS = Date.UTC(2026, 10, 26);
const fault = (type: string): FaultCase => ({
  namespace: "hipster",
  index: 1,
  injectTime: "",
  injectMs: 0,
  pod: "cart-579f59597d-wc2lz",
  service: "cart",
  type,
});

function incident(number: string, verdict: RcaReport["verdict"], entities: readonly string[], afterMs = 30_000): IncidentSnapshot {
  const causes = entities.map((entity) => ({ entity, mode: "slow_self" }) as Cause);
  const report = { verdict, confidence: 0.5, causes } as unknown as RcaReport;
  return { number, startedAt: new Date(INJECT_MS + afterMs).toISOString(), alertCount: 1, report } as IncidentSnapshot;
}

describe("judgeCase", () => {
  it.each([
    { case: "its service", type: "return", causes: ["service:front", "service:cart"], rank: 2 },
    { case: "its instance", type: "return", causes: ["instance:cart/cart-579f59597d-wc2lz"], rank: 1 },
    { case: "its pod", type: "return", causes: ["pod:cart-579f59597d-wc2lz"], rank: 1 },
    { case: "one place told of twice before it", type: "return", causes: ["service:front", "instance:front/a", "service:cart"], rank: 2 },
    { case: "a delayed call to it", type: "network_delay", causes: ["edge:front->cart"], rank: 1 },
    { case: "a call to it, but of no network fault", type: "return", causes: ["edge:front->cart"], rank: undefined },
    { case: "its namesake", type: "return", causes: ["service:cart2"], rank: undefined },
    { case: "nothing", type: "return", causes: [], rank: undefined },
  ])("finds the label when $case is blamed", ({ type, causes, rank }) => {
    expect(judgeCase(fault(type), [incident("INC-1", "cause", causes)], INJECT_MS).rank).toBe(rank);
  });

  it("goes by the incident of the fault's time that has the surest answer", () => {
    const all = [
      incident("INC-1", "cause", ["service:cart"], -600_000),
      incident("INC-2", "undetermined", ["service:a"]),
      incident("INC-3", "cause", ["service:b"]),
    ];
    expect(judgeCase(fault("return"), all, INJECT_MS)).toMatchObject({ incident: { number: "INC-3" }, named: true, rank: undefined });
    expect(judgeCase(fault("return"), [], INJECT_MS)).toMatchObject({ incident: undefined, named: false, ranking: [] });
  });
});

describe("accuracyAt", () => {
  it("is the share within the first k", () => {
    const verdicts = [{ rank: 1 }, { rank: 3 }, { rank: undefined }, { rank: 5 }];
    expect([accuracyAt(1, verdicts), accuracyAt(3, verdicts), accuracyAt(5, verdicts)]).toEqual([0.25, 0.5, 0.75]);
    expect(accuracyAt(1, [])).toBeNaN();
  });
});
