import type { IncidentPriority } from "@yunwei/schemas";

/** Points that an incident which still disturbs service takes from 100. One P1 is a failing site, one P4 a blemish. */
const COST: Readonly<Record<IncidentPriority, number>> = { P1: 60, P2: 30, P3: 12, P4: 4 };
/** Within this the data is news; beyond `STALE_AFTER_S` nothing is said of the site's health. */
const LATE_AFTER_S = 90;
const STALE_AFTER_S = 180;

export type HealthLevel = "ok" | "degraded" | "failing" | "unknown";
export type FreshnessState = "fresh" | "late" | "stale" | "never";

/** Open incidents of a site by priority. */
export interface IncidentCounts {
  readonly open: Readonly<Record<IncidentPriority, number>>;
  /** Of those, the ones whose service is not restored yet. */
  readonly disturbing: Readonly<Record<IncidentPriority, number>>;
}

export const NO_INCIDENTS: IncidentCounts = { open: { P1: 0, P2: 0, P3: 0, P4: 0 }, disturbing: { P1: 0, P2: 0, P3: 0, P4: 0 } };

export interface Freshness {
  readonly state: FreshnessState;
  /** Seconds since the newest point; absent when there never was one. */
  readonly ageSeconds?: number;
}

/** How old a site's newest point is. @param newestMs - event time, Unix milliseconds; undefined = no point known */
export function freshnessOf(newestMs: number | undefined, nowMs: number): Freshness {
  if (newestMs === undefined) return { state: "never" };
  const ageSeconds = Math.max(0, Math.round((nowMs - newestMs) / 1000));
  return { state: ageSeconds <= LATE_AFTER_S ? "fresh" : ageSeconds <= STALE_AFTER_S ? "late" : "stale", ageSeconds };
}

/**
 * Health of a site: 100 less the cost of each incident that still disturbs service, at least 0. Null while there is no
 * news of it: silence is not health.
 */
export function healthOf(counts: IncidentCounts, freshness: Freshness): { readonly health: number | null; readonly level: HealthLevel } {
  if (freshness.state === "stale" || freshness.state === "never") return { health: null, level: "unknown" };
  let health = 100;
  for (const [priority, cost] of Object.entries(COST)) health -= cost * counts.disturbing[priority as IncidentPriority];
  health = Math.max(0, health);
  return { health, level: health >= 90 ? "ok" : health >= 60 ? "degraded" : "failing" };
}
