import { SITES } from "@yunwei/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overviewOf, type SiteTelemetry } from "./overview.ts";
import { freshnessOf, healthOf, type IncidentCounts, NO_INCIDENTS } from "./site-health.ts";

const NOW = Date.UTC(2026, 10, 26, 4);
const counts = (open: Partial<IncidentCounts["open"]>, disturbing: Partial<IncidentCounts["open"]> = open): IncidentCounts => ({
  open: { ...NO_INCIDENTS.open, ...open },
  disturbing: { ...NO_INCIDENTS.disturbing, ...disturbing },
});
const seen = (ageSeconds: number): SiteTelemetry => ({ newestMs: NOW - ageSeconds * 1000, series: 10, hosts: 2 });

describe("freshness", () => {
  it.each([
    [undefined, "never", undefined],
    [NOW + 20_000, "fresh", 0],
    [NOW - 90_000, "fresh", 90],
    [NOW - 91_000, "late", 91],
    [NOW - 180_000, "late", 180],
    [NOW - 181_000, "stale", 181],
  ] as const)("of a newest point at %s is %s", (newestMs, state, ageSeconds) => {
    expect(freshnessOf(newestMs, NOW)).toEqual(ageSeconds === undefined ? { state } : { state, ageSeconds });
  });
});

describe("health", () => {
  const fresh = freshnessOf(NOW, NOW);
  it.each([
    ["nothing open", counts({}), 100, "ok"],
    ["one P4", counts({ P4: 1 }), 96, "ok"],
    ["one P3", counts({ P3: 1 }), 88, "degraded"],
    ["one P2", counts({ P2: 1 }), 70, "degraded"],
    ["one P1", counts({ P1: 1 }), 40, "failing"],
    ["many", counts({ P1: 5, P2: 5 }), 0, "failing"],
    ["a P1 that is restored", counts({ P1: 1 }, { P1: 0 }), 100, "ok"],
  ] as const)("with %s", (_case, incidents, health, level) => {
    expect(healthOf(incidents, fresh)).toEqual({ health, level });
  });

  it("is not known without news, whatever is open", () => {
    for (const state of ["stale", "never"] as const) expect(healthOf(counts({ P1: 1 }), { state })).toEqual({ health: null, level: "unknown" });
  });

  it("law: one more incident never makes a site healthier", () => {
    const count = fc.nat({ max: 10 });
    fc.assert(
      fc.property(
        fc.record({ P1: count, P2: count, P3: count, P4: count }),
        fc.constantFrom("P1" as const, "P2" as const, "P3" as const, "P4" as const),
        (open, more) => {
          const before = healthOf(counts(open), fresh).health!;
          const after = healthOf(counts({ ...open, [more]: open[more] + 1 }), fresh).health!;
          return after <= before && after >= 0 && before <= 100;
        },
      ),
    );
  });
});

describe("overview", () => {
  it("has 14 tiles for 16 sites, the core's in three parts, whatever was seen", () => {
    const { tiles, others } = overviewOf(new Map(), new Map(), NOW);
    expect(tiles).toHaveLength(14);
    expect(tiles[0]!.sites.map((site) => site.site)).toEqual(["core-prod", "core-active", "core-dr"]);
    expect(tiles.flatMap((tile) => tile.sites)).toHaveLength(SITES.length);
    expect(others).toEqual([]);
  });

  it("shows sites that the estate does not list, once, and not the nameless", () => {
    const { others } = overviewOf(
      new Map([
        ["local", seen(5)],
        ["", seen(5)],
      ]),
      new Map([
        ["local", counts({ P3: 2 })],
        ["annex", counts({ P1: 1 })],
      ]),
      NOW,
    );
    expect(others.map((site) => [site.site, site.level, site.incidents.P3])).toEqual([
      ["annex", "unknown", 0],
      ["local", "degraded", 2],
    ]);
  });

  it("says what it does not know with null", () => {
    const { tiles } = overviewOf(new Map([["suzhou", { newestMs: NOW - 86_400_000, series: undefined, hosts: undefined }]]), new Map(), NOW);
    const suzhou = tiles.find((tile) => tile.tile === "suzhou")!.sites[0]!;
    expect(suzhou).toMatchObject({
      health: null,
      series: null,
      hosts: null,
      freshness: { state: "stale", ageSeconds: 86_400, newestAt: new Date(NOW - 86_400_000).toISOString() },
    });
  });
});
