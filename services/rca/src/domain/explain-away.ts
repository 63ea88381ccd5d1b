import { type EntityKey, parseEntityKey } from "@yunwei/schemas";
import type { Topology } from "@yunwei/topology";
import type { Candidate } from "./candidate.ts";
import { canExplain } from "./mode-table.ts";
import { strengthOf, strongest } from "./strength.ts";

/** Windows of 15 s, skew of a few seconds and the detectors' own delay: an onset may seem this much later than its effect. */
export const ONSET_TOLERANCE_MS = 60_000;

/** Another candidate that accounts for this one, and how well (0..1). */
export interface Explanation {
  readonly by: Candidate;
  readonly share: number;
}

/**
 * The best explanation of `candidate` by another one: the other reaches it, began no later, and its mode can bring about
 * what is seen here. Internal evidence explains better than inherited one. Undefined when nothing does.
 */
export function explanationOf(topology: Topology, candidate: Candidate, all: readonly Candidate[]): Explanation | undefined {
  let best: Explanation | undefined;
  for (const other of all) {
    const share = explains(topology, other, candidate, all);
    if (share > (best?.share ?? 0)) best = { by: other, share };
  }
  return best;
}

function explains(topology: Topology, other: Candidate, candidate: Candidate, all: readonly Candidate[]): number {
  if (wearsDown(topology, other, candidate)) return 0.95;
  if (other.entity === candidate.entity) return 0;
  if (other.onsetMs > candidate.onsetMs + ONSET_TOLERANCE_MS) return 0;
  if (isSoleBurdenOf(topology, candidate, other, all)) return 0;
  if (isSoleBurdenOf(topology, other, candidate, all)) return 0.9;
  if (!other.impact.has(candidate.entity)) return 0;
  const loudest = candidate.own.reduce((most, item) => (strengthOf(item) > strengthOf(most) ? item : most));
  if (!canExplain(other.mode, loudest.family)) return 0;
  const silentOnly = other.own.every((item) => item.direction === "absent");
  if (silentOnly && loudest.direction !== "absent" && candidate.row.internal) return 0;
  // Both reach each other (a cycle of calls, a site and its link): only harder evidence decides.
  if (candidate.impact.has(other.entity) && !isHarder(other, candidate)) return 0;
  const strength = Math.min(1, strongest(other.own) / 1.2);
  return other.row.internal ? strength : 0.6 * strength;
}

/** What an entity shows of itself is harder than what it may have inherited, and anything is harder than mere silence. */
function isHarder(other: Candidate, candidate: Candidate): boolean {
  const isSilence = (one: Candidate): boolean => one.own.every((item) => item.direction === "absent");
  return (other.row.internal && !candidate.row.internal) || (isSilence(candidate) && !isSilence(other));
}

/** Families that a program's hunger shows on the machine below it. */
const BURDEN_FAMILIES: ReadonlySet<string> = new Set(["cpu", "memory", "disk_io"]);

/** Whether a deviation of a machine may come from this candidate that stands on it. */
export function burdens(topology: Topology, candidate: Candidate, machine: EntityKey, family: string): boolean {
  if (candidate.mode !== "memory_exhaustion" && candidate.mode !== "cpu_saturation") return false;
  return BURDEN_FAMILIES.has(family) && topology.foundations(candidate.entity).includes(machine);
}

/** A program that eats the memory makes its machine swap: the disk and the processor follow, clearly later. */
const WORN_FAMILIES: ReadonlySet<string> = new Set(["disk_io", "cpu"]);
const CLEARLY_LATER_MS = 30_000;

function wearsDown(topology: Topology, other: Candidate, candidate: Candidate): boolean {
  if (other.mode !== "memory_exhaustion" || candidate.onsetMs < other.onsetMs + CLEARLY_LATER_MS) return false;
  if (!candidate.own.every((item) => WORN_FAMILIES.has(item.family))) return false;
  return other.entity === candidate.entity || topology.foundations(other.entity).includes(candidate.entity);
}

const CONTAINERS: Readonly<Record<string, readonly string[]>> = { host: ["vm", "instance"], vm: ["instance", "database"] };

/**
 * Whether `inner` alone burdens the machine `outer`: the same family on both, and nothing else that stands on the machine
 * shows it. Then the machine is the victim; with two or more burdened tenants it is the common cause.
 */
function isSoleBurdenOf(topology: Topology, inner: Candidate, outer: Candidate, all: readonly Candidate[]): boolean {
  if (inner.mode !== outer.mode) return false;
  const outerType = parseEntityKey(outer.entity)?.type ?? "";
  const innerType = parseEntityKey(inner.entity)?.type ?? "";
  if (!(CONTAINERS[outerType] ?? []).includes(innerType)) return false;
  const carried = new Set(topology.standingOn(outer.entity));
  if (!carried.has(inner.entity)) return false;
  const burdened = all.filter((one) => one.mode === inner.mode && carried.has(one.entity) && parseEntityKey(one.entity)?.type === innerType);
  return burdened.length === 1;
}
