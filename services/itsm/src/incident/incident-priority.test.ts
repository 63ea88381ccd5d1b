import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { impactOf, meetsMajorCriteria, priorityOf, rankOf, urgencyOf } from "./incident-priority.ts";
import { lockReport } from "./report.fixture.ts";

describe("priorityOf", () => {
  it("is the matrix of impact and urgency", () => {
    const rows = [1, 2, 3, 4].map((impact) => [1, 2, 3].map((urgency) => priorityOf(impact, urgency)).join(" "));
    expect(rows).toEqual(["P1 P1 P2", "P1 P2 P3", "P2 P3 P4", "P3 P4 P4"]);
  });

  it("is monotone: wider or more urgent is never lower", () => {
    for (let impact = 1; impact <= 4; impact++) {
      for (let urgency = 1; urgency <= 3; urgency++) {
        expect(rankOf(priorityOf(impact + 1, urgency))).toBeGreaterThanOrEqual(rankOf(priorityOf(impact, urgency)));
        expect(rankOf(priorityOf(impact, urgency + 1))).toBeGreaterThanOrEqual(rankOf(priorityOf(impact, urgency)));
      }
    }
  });
});

const report = (sites: string[], departments: string[], services: string[], cause = "service:x") =>
  lockReport({ causes: [{ ...lockReport().causes[0]!, entity: cause }], impact: { sites, departments, services, entityCount: 1 } });

describe("impactOf", () => {
  it.each([
    { case: "five sites", given: report(["suzhou", "wuxi", "nanjing", "nantong", "taizhou"], [], []), want: 1 },
    { case: "two departments in the core", given: report(["core-prod"], ["a", "b"], ["s"]), want: 1 },
    { case: "three services in the core", given: report(["core-dr"], ["a"], ["s", "t", "u"]), want: 1 },
    { case: "a whole core site", given: report(["core-active"], [], [], "site:core-active"), want: 1 },
    { case: "a whole city", given: report(["suzhou"], [], [], "site:suzhou"), want: 2 },
    { case: "two sites", given: report(["suzhou", "wuxi"], ["a"], ["s"]), want: 2 },
    { case: "three departments of one city", given: report(["suzhou"], ["a", "b", "c"], ["s"]), want: 2 },
    { case: "one service in the core", given: report(["core-prod"], ["a"], ["s"]), want: 2 },
    { case: "one service of one city", given: report(["suzhou"], ["a"], ["s"]), want: 3 },
    { case: "a host without services", given: report(["suzhou"], [], []), want: 4 },
    { case: "a host in the core without services", given: report(["core-prod"], [], []), want: 4 },
    { case: "empty names", given: report(["", ""], [""], []), want: 4 },
  ])("$case is I$want", ({ given, want }) => {
    expect(impactOf(given)).toBe(want);
  });

  it("never narrows when more is affected", () => {
    const names = (values: string[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 6 });
    const anyImpact = fc.tuple(
      names(["core-prod", "core-dr", "suzhou", "wuxi", "nanjing", "taizhou"]),
      names(["a", "b", "c", "d"]),
      names(["s", "t", "u", "v"]),
    );
    fc.assert(
      fc.property(anyImpact, anyImpact, (small, more) => {
        const union = small.map((values, i) => [...new Set([...values, ...more[i]!])]);
        expect(impactOf(report(union[0]!, union[1]!, union[2]!))).toBeLessThanOrEqual(impactOf(report(...small)));
      }),
    );
  });
});

describe("urgencyOf and meetsMajorCriteria", () => {
  it("reads the severity, and asks for P1 with a core site or two sites", () => {
    expect((["critical", "major", "minor", "info"] as const).map(urgencyOf)).toEqual([1, 2, 3, 3]);
    expect([
      meetsMajorCriteria("P1", ["core-prod"]),
      meetsMajorCriteria("P1", ["suzhou", "wuxi"]),
      meetsMajorCriteria("P1", ["suzhou"]),
      meetsMajorCriteria("P2", ["core-prod"]),
    ]).toEqual([true, true, false, false]);
  });
});
