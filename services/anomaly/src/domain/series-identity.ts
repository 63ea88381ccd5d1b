import { type EntityKey, type EntityType, parseEntityKey } from "@yunwei/schemas";
import type { Reading } from "./reading.ts";
import { type ScoringTraits, traitsOf } from "./scoring-traits.ts";

/** What a snapshot keeps of a series, JSON-safe. */
export interface SeriesSeed {
  readonly seriesId: string;
  readonly metric: string;
  readonly unit: string;
  readonly reading: Reading;
  /** "" while only history is known: the bus has not told yet whose series it is. */
  readonly entity: EntityKey | "";
  readonly service: string;
  readonly site: string;
  readonly tier: string;
  readonly department: string;
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly edge?: { readonly from: EntityKey; readonly to: EntityKey };
}

/** One scored series as detection knows it; one object per series, none per point. */
export interface SeriesIdentity extends SeriesSeed {
  readonly entityType: EntityType;
  readonly traits: ScoringTraits;
}

/** Completes a seed with what follows from it. Pure. */
export function identify(seed: SeriesSeed): SeriesIdentity {
  return { ...seed, entityType: parseEntityKey(seed.entity)?.type ?? "process", traits: traitsOf(seed) };
}
