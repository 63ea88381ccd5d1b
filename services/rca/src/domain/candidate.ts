import { type CauseMode, type EntityKey, parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import { type SilentFoundation, silentFoundations } from "./common-cause.ts";
import type { Evidence } from "./evidence-book.ts";
import { type ImpactSet, impactOf } from "./impact.ts";
import { MODE_TABLE, type ModeRow } from "./mode-table.ts";

/** An entity that may have failed in one way, with what speaks for it. */
export interface Candidate {
  readonly entity: EntityKey;
  readonly mode: CauseMode;
  readonly row: ModeRow;
  /** Deviations on the entity itself that the mode requires; never empty. */
  readonly own: readonly Evidence[];
  /** Deviations of the supporting families, on the entity or on what it carries. */
  readonly supporting: readonly Evidence[];
  readonly onsetMs: number;
  readonly impact: ImpactSet;
}

/** Every (entity, mode) that the codebook allows, plus foundations that only the silence above them gives away. */
export function findCandidates(topology: Topology, evidence: readonly Evidence[]): Candidate[] {
  const byEntity = new Map<EntityKey, Evidence[]>();
  for (const item of evidence) for (const entity of ownersOf(topology, item)) push(byEntity, entity, item);
  const impacts = new Map<EntityKey, ImpactSet>();
  const impact = (entity: EntityKey): ImpactSet => {
    const known = impacts.get(entity) ?? impactOf(topology, entity);
    impacts.set(entity, known);
    return known;
  };
  const out: Candidate[] = [];
  for (const [entity, items] of byEntity) {
    const type = parseEntityKey(entity)?.type;
    for (const row of MODE_TABLE) {
      if (type === undefined || !row.types.includes(type)) continue;
      const own = items.filter(row.required);
      if (own.length > 0) out.push(candidate(entity, row, own, evidence, impact(entity)));
    }
  }
  for (const silent of silentFoundations(topology, evidence)) addSilent(out, silent, evidence, impact(silent.entity));
  return out;
}

/** Rack power is also its site's: a site is dark when its racks are. An instance's trouble is also its service's when it has only that one. */
function ownersOf(topology: Topology, item: Evidence): EntityKey[] {
  if (item.family === "power" && item.entity.startsWith("rack:")) return [item.entity, ...topology.targets(item.entity, "member_of")];
  return [item.entity];
}

function candidate(entity: EntityKey, row: ModeRow, own: readonly Evidence[], evidence: readonly Evidence[], impact: ImpactSet): Candidate {
  const supporting = evidence.filter((item) => row.supporting.includes(item.family) && item.harmful && !own.includes(item) && impact.depth(item.entity) <= 2);
  return { entity, mode: row.mode, row, own, supporting, onsetMs: Math.min(...own.map((item) => item.onsetMs)), impact };
}

function addSilent(out: Candidate[], silent: SilentFoundation, evidence: readonly Evidence[], impact: ImpactSet): void {
  const known = out.findIndex((one) => one.entity === silent.entity && one.mode === "power_loss");
  const row = MODE_TABLE.find((one) => one.mode === "power_loss")!;
  const own = known >= 0 ? [...out[known]!.own, ...silent.silent] : silent.silent;
  const made = candidate(silent.entity, row, own, evidence, impact);
  if (known >= 0) out[known] = made;
  else out.push(made);
}

function push(map: Map<EntityKey, Evidence[]>, key: EntityKey, item: Evidence): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
