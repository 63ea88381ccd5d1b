import { type EntityKey, parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import type { Evidence } from "./evidence-book.ts";

/** Of what stands on a foundation at least this share must be silent for the foundation to be the one that failed. */
const SILENT_SHARE = 0.7;
const LEAST_SILENT = 2;

/** A site, rack or host all of whose load fell silent. */
export interface SilentFoundation {
  readonly entity: EntityKey;
  /** Silent ÷ known of what stands on it, 0..1. */
  readonly share: number;
  readonly silent: readonly Evidence[];
  readonly onsetMs: number;
}

/**
 * Common-cause test for silence: many entities that stop at once have one cause below them. The widest foundation whose
 * load is silent is taken; narrower ones inside it are left out.
 */
export function silentFoundations(topology: Topology, evidence: readonly Evidence[]): SilentFoundation[] {
  const silentBy = new Map<EntityKey, Evidence>();
  for (const item of evidence) if (item.family === "availability" && item.direction === "absent") silentBy.set(item.entity, item);
  if (silentBy.size < LEAST_SILENT) return [];
  const foundations = new Set([...silentBy.keys()].flatMap((entity) => topology.foundations(entity)));
  const found: SilentFoundation[] = [];
  for (const entity of foundations) {
    const carried = topology.standingOn(entity).filter((one) => !one.startsWith("rack:"));
    const silent = carried.map((one) => silentBy.get(one)).filter((item) => item !== undefined);
    const share = carried.length === 0 ? 0 : silent.length / carried.length;
    if (share >= SILENT_SHARE && silent.length >= LEAST_SILENT) found.push({ entity, share, silent, onsetMs: Math.min(...silent.map((item) => item.onsetMs)) });
  }
  const width: Readonly<Record<string, number>> = { site: 4, rack: 3, host: 2, vm: 1 };
  found.sort((a, b) => (width[parseEntityKey(b.entity)!.type] ?? 0) - (width[parseEntityKey(a.entity)!.type] ?? 0) || (a.entity < b.entity ? -1 : 1));
  const kept: SilentFoundation[] = [];
  for (const candidate of found) if (!kept.some((wider) => topology.foundations(candidate.entity).includes(wider.entity))) kept.push(candidate);
  return kept;
}
