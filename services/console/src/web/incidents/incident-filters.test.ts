import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incidentOf } from "../../incident.test-data.ts";
import { filtersOf, isShown, queryOfFilters } from "./incident-filters.ts";

const ALL = { state: "open", priority: "", site: "", text: "" } as const;

describe("filters of the incident list", () => {
  it("law: survive the address", () => {
    const filters = fc.record({
      state: fc.constantFrom("open" as const, "all" as const),
      priority: fc.constantFrom("", "P1", "P2", "P3", "P4"),
      site: fc.string({ maxLength: 50 }),
      text: fc.string({ maxLength: 100 }),
    });
    fc.assert(
      fc.property(filters, (one) => {
        expect(filtersOf(new URLSearchParams(queryOfFilters(one).toString()))).toEqual(one);
      }),
    );
  });

  it("take the default for what an address says wrongly", () => {
    expect(filtersOf(new URLSearchParams("state=weird&priority=P9"))).toEqual(ALL);
    expect(queryOfFilters(ALL).toString()).toBe("");
  });

  it.each([
    [{}, true],
    [{ priority: "P2" }, true],
    [{ priority: "P1" }, false],
    [{ site: "suzhou" }, true],
    [{ site: "wuxi" }, false],
    [{ text: "ORDER" }, true],
    [{ text: "锁争用" }, true],
    [{ text: "inc-000123" }, true],
    [{ text: "nothing like it" }, false],
    [{ text: "order", site: "wuxi" }, false],
  ])("%j shows it: %s", (changes, shown) => {
    expect(isShown(incidentOf(0), { ...ALL, ...changes })).toBe(shown);
  });
});
