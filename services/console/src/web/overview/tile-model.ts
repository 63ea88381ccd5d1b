import type { SiteState, Tile } from "../api/contracts.ts";

export type Level = SiteState["level"];

/** From the one that needs a look most to the one that needs it least. */
const WORST_FIRST: readonly Level[] = ["failing", "degraded", "unknown", "ok"];

/** The level that stands for several sites: the worst. */
export function worstLevel(sites: readonly Pick<SiteState, "level">[]): Level {
  return WORST_FIRST.find((level) => sites.some((site) => site.level === level)) ?? "unknown";
}

/** Tiles with those that need a look first, for screens too narrow for the grid; ties keep their order. */
export function tilesByUrgency(tiles: readonly Tile[]): Tile[] {
  return [...tiles].sort((a, b) => WORST_FIRST.indexOf(worstLevel(a.sites)) - WORST_FIRST.indexOf(worstLevel(b.sites)));
}

/** Open incidents of a site in all. */
export function openCount({ incidents }: Pick<SiteState, "incidents">): number {
  return incidents.P1 + incidents.P2 + incidents.P3 + incidents.P4;
}

export interface Summary {
  readonly ok: number;
  readonly troubled: number;
  readonly silent: number;
}

/** Counts of sites by what they need. */
export function summaryOf(tiles: readonly Tile[], others: readonly SiteState[]): Summary {
  const sites = [...tiles.flatMap((tile) => tile.sites), ...others];
  const count = (...levels: Level[]): number => sites.filter((site) => levels.includes(site.level)).length;
  return { ok: count("ok"), troubled: count("failing", "degraded"), silent: count("unknown") };
}

/** Which text says how fresh a site's data is; long silence may be a replay of the past and is told with its time. */
export function freshnessText({ freshness }: Pick<SiteState, "freshness">): "fresh" | "late" | "stale" | "replayed" | "never" {
  if (freshness.state !== "stale") return freshness.state;
  return (freshness.ageSeconds ?? 0) > 3600 ? "replayed" : "stale";
}
