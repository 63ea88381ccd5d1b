import type { CauseMode, EntityKey } from "@yunwei/schemas";
import type { Effects } from "../effects.ts";
import type { Estate } from "../estate.ts";
import type { Random } from "../random.ts";

/** The kinds of faults that can be injected; the last two are nobody's fault. */
export const FAULT_KINDS = [
  "cpu",
  "memory-leak",
  "disk-full",
  "disk-slow",
  "process-crash",
  "network-delay",
  "network-loss",
  "link-down",
  "bad-deploy",
  "cert-expiry",
  "db-lock",
  "site-power-loss",
  "surge",
  "none",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a diagnosis of the injected fault has to say. */
export interface GroundTruth {
  readonly kind: FaultKind;
  /** undefined = nothing inside the estate is at fault. */
  readonly entity: EntityKey | undefined;
  /** Other names of the same cause that are as right as `entity`. */
  readonly alternatives: readonly EntityKey[];
  readonly mode: CauseMode | undefined;
  /** Simulated Unix milliseconds by true time: a site's own clock may be off by up to two seconds. */
  readonly onsetMs: number;
}

/** A fault that was chosen and not yet dated. */
export interface FaultPlan {
  readonly entity: EntityKey | undefined;
  readonly alternatives: readonly EntityKey[];
  readonly mode: CauseMode | undefined;
  /** @param stepsIn - steps since the onset, 0 in the first */
  readonly apply: (effects: Effects, stepsIn: number) => void;
  /** A change that brought the fault about. */
  readonly change?: { readonly entity: EntityKey; readonly title: string; readonly labels: Readonly<Record<string, string>> };
}

/** @param target - key of the victim; undefined = `random` chooses one that matters */
export type FaultPlanner = (estate: Estate, random: Random, target: EntityKey | undefined) => FaultPlan;
