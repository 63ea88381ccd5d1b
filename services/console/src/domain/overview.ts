import { SITES, type Site } from "@yunwei/schemas";
import { type Freshness, freshnessOf, type HealthLevel, healthOf, type IncidentCounts, NO_INCIDENTS } from "./site-health.ts";

/** What the store knows of a site. */
export interface SiteTelemetry {
  readonly newestMs: number;
  readonly series: number | undefined;
  readonly hosts: number | undefined;
}

export interface SiteState {
  readonly site: string;
  readonly zh: string;
  readonly en: string;
  readonly health: number | null;
  readonly level: HealthLevel;
  readonly freshness: Freshness & { readonly newestAt?: string };
  /** Active series and machines; null = not known. */
  readonly series: number | null;
  readonly hosts: number | null;
  readonly incidents: IncidentCounts["open"];
}

/** One tile of the grid: one site, or the three centres of the core. */
export interface Tile {
  readonly tile: string;
  readonly tier: Site["tier"];
  readonly grid: readonly [column: number, row: number];
  readonly sites: readonly SiteState[];
}

export interface Overview {
  readonly tiles: readonly Tile[];
  /** Sites that data or incidents speak of and the estate does not list, e.g. `local`, by name. */
  readonly others: readonly SiteState[];
}

/** The estate's tiles in its order, and what else was seen. Pure. */
export function overviewOf(telemetry: ReadonlyMap<string, SiteTelemetry>, incidents: ReadonlyMap<string, IncidentCounts>, nowMs: number): Overview {
  const stateOf = (site: string, zh: string, en: string): SiteState => siteState(site, zh, en, telemetry.get(site), incidents.get(site) ?? NO_INCIDENTS, nowMs);
  const tiles = new Map<string, { tile: string; tier: Site["tier"]; grid: Site["grid"]; sites: SiteState[] }>();
  for (const { id, tile, tier, grid, zh, en } of SITES) {
    const known = tiles.get(tile) ?? { tile, tier, grid, sites: [] };
    known.sites.push(stateOf(id, zh, en));
    tiles.set(tile, known);
  }
  const listed = new Set(SITES.map((site) => site.id));
  const others = [...new Set([...telemetry.keys(), ...incidents.keys()])].filter((site) => site !== "" && !listed.has(site)).sort();
  return { tiles: [...tiles.values()], others: others.map((site) => stateOf(site, site, site)) };
}

function siteState(site: string, zh: string, en: string, seen: SiteTelemetry | undefined, counts: IncidentCounts, nowMs: number): SiteState {
  const freshness = freshnessOf(seen?.newestMs, nowMs);
  return {
    site,
    zh,
    en,
    ...healthOf(counts, freshness),
    freshness: seen === undefined ? freshness : { ...freshness, newestAt: new Date(seen.newestMs).toISOString() },
    series: seen?.series ?? null,
    hosts: seen?.hosts ?? null,
    incidents: counts.open,
  };
}
