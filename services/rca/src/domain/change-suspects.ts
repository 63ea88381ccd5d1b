import type { CauseMode, ChangeMessage, EntityKey } from "@yunwei/schemas";
import type { ImpactSet } from "./impact.ts";

/** A change long before the trouble is no suspect. */
const LOOKBACK_MS = 2 * 3_600_000;
/** A change that began later than the trouble did not cause it; clocks of sites differ by seconds. */
const CLOCK_TOLERANCE_MS = 30_000;
/** Most changes do harm within minutes. */
const USUAL_DELAY_MS = 15 * 60_000;

/** Modes that a change of each kind can bring about. */
const AFFINITY: Readonly<Record<ChangeMessage["kind"], readonly CauseMode[]>> = {
  deploy: ["bad_change", "error_self", "slow_self", "memory_exhaustion", "cpu_saturation", "process_crash"],
  config: ["bad_change", "error_self", "slow_self", "lock_contention", "process_crash"],
  infrastructure: ["link_down", "network_delay", "network_loss", "power_loss", "disk_slow", "disk_full"],
  certificate: ["certificate_expired"],
  database: ["lock_contention", "slow_self", "bad_change"],
  other: [],
};

/** How well a change fits a candidate, 0..1, and why, in a word for people. */
export interface ChangeFit {
  readonly change: ChangeMessage;
  readonly fit: number;
  readonly reason: "fits" | "later_than_onset" | "too_long_ago" | "elsewhere" | "other_kind";
}

/**
 * Weighs a change against "no change is guilty": it must be on the candidate (or its instances or service), before the
 * onset, and of a kind that does such harm. The latest deploy is usually innocent (notes: 1 of 24).
 */
export function fitOfChange(change: ChangeMessage, entity: EntityKey, related: ImpactSet, mode: CauseMode, onsetMs: number): ChangeFit {
  const startedMs = Number(change.startedUnixNano) / 1e6;
  const here = change.entities.some(
    (one) => one === entity || (related.has(one as EntityKey) && related.depth(one as EntityKey) <= 1 && sameService(one as EntityKey, entity)),
  );
  if (!here) return { change, fit: 0, reason: "elsewhere" };
  if (startedMs > onsetMs + CLOCK_TOLERANCE_MS) return { change, fit: 0, reason: "later_than_onset" };
  if (startedMs < onsetMs - LOOKBACK_MS) return { change, fit: 0, reason: "too_long_ago" };
  if (!AFFINITY[change.kind].includes(mode)) return { change, fit: 0, reason: "other_kind" };
  const delayMs = Math.max(0, onsetMs - startedMs);
  return { change, fit: delayMs <= USUAL_DELAY_MS ? 1 : Math.exp(-(delayMs - USUAL_DELAY_MS) / LOOKBACK_MS) * 0.6, reason: "fits" };
}

/** Whether one is an instance of the other, going by the key rule (`instance:<service>/<id>`). */
function sameService(a: EntityKey, b: EntityKey): boolean {
  const service = (key: EntityKey): string => key.slice(key.indexOf(":") + 1).split("/")[0]!;
  return service(a) === service(b);
}
