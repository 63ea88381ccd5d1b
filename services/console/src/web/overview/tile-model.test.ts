import { describe, expect, it } from "vitest";
import type { SiteState, Tile } from "../api/contracts.ts";
import { freshnessText, openCount, summaryOf, tilesByUrgency, worstLevel } from "./tile-model.ts";

const site = (level: SiteState["level"], changes: Partial<SiteState> = {}): SiteState => ({
  site: level,
  zh: "",
  en: "",
  health: 1,
  level,
  freshness: { state: "fresh", ageSeconds: 1 },
  series: 1,
  hosts: 1,
  incidents: { P1: 0, P2: 0, P3: 0, P4: 0 },
  ...changes,
});
const tile = (name: string, ...sites: SiteState[]): Tile => ({ tile: name, tier: "backbone", grid: [0, 0], sites });

describe("tiles", () => {
  it("stand for the worst of their sites; not knowing is worse than knowing that all is well", () => {
    expect(worstLevel([site("ok"), site("degraded"), site("failing")])).toBe("failing");
    expect(worstLevel([site("ok"), site("unknown")])).toBe("unknown");
    expect(worstLevel([site("degraded"), site("unknown")])).toBe("degraded");
    expect(worstLevel([])).toBe("unknown");
  });

  it("come with the most urgent first, else in their order", () => {
    const tiles = [
      tile("a", site("ok")),
      tile("b", site("failing")),
      tile("c", site("ok")),
      tile("d", site("ok"), site("degraded")),
      tile("e", site("unknown")),
    ];
    expect(tilesByUrgency(tiles).map((one) => one.tile)).toEqual(["b", "d", "e", "a", "c"]);
    expect(tiles.map((one) => one.tile)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("are counted by site", () => {
    expect(summaryOf([tile("core", site("ok"), site("failing"), site("unknown"))], [site("degraded")])).toEqual({ ok: 1, troubled: 2, silent: 1 });
    expect(openCount(site("ok", { incidents: { P1: 1, P2: 2, P3: 3, P4: 4 } }))).toBe(10);
  });

  it("say how fresh they are; long silence may be a replay", () => {
    expect(freshnessText(site("ok"))).toBe("fresh");
    expect(freshnessText(site("ok", { freshness: { state: "stale", ageSeconds: 600 } }))).toBe("stale");
    expect(freshnessText(site("ok", { freshness: { state: "stale", ageSeconds: 90_000 } }))).toBe("replayed");
    expect(freshnessText(site("ok", { freshness: { state: "never" } }))).toBe("never");
  });
});
