import type { FaultCase } from "./fault-case.ts";

const MINUTE_MS = 60_000;
/** A fault is on for so long (Nezha's own set-up); what is recorded of it after that is its recovery. */
export const FAULT_MS = 3 * MINUTE_MS;
/** A case is followed for this long after the fault begins, or until the next one does. */
const AFTER_MS = 5 * MINUTE_MS;
/** Around a fault nothing counts as healthy. */
const BEFORE_FAULT_MS = 30_000;
const AFTER_FAULT_MS = 6 * MINUTE_MS;
const WANTED_HISTORY_MS = 100 * MINUTE_MS;
/** Detectors want 30 points of a series at 60 s. */
const LEAST_HISTORY_MS = 40 * MINUTE_MS;

/** The stretches of the recording that make up a case, Unix ms of the recording. */
export interface CaseTimeline {
  /** Healthy history: this stretch, moved by `historyShiftMs`, ends where the fault begins. Whole minutes, so that the rhythm of points goes on. */
  readonly historyFromMs: number;
  readonly historyToMs: number;
  readonly historyShiftMs: number;
  readonly injectMs: number;
  /** End of the case. */
  readonly endMs: number;
}

/**
 * Lays out a case. The set injects a fault every eight minutes, so what came right before one is no healthy history: the
 * nearest stretch without any fault of 100 minutes (40 at least) takes its place.
 * @param all - every fault of the day; @param dataFromMs,dataToMs - times of the first and last point
 * @returns undefined when the recording has no healthy stretch, or nothing after the fault
 */
export function layOut(fault: FaultCase, all: readonly FaultCase[], dataFromMs: number, dataToMs: number): CaseTimeline | undefined {
  const { injectMs } = fault;
  const next = Math.min(...all.map((other) => other.injectMs).filter((ms) => ms > injectMs));
  const endMs = Math.min(injectMs + AFTER_MS, next, dataToMs + 1);
  if (endMs - injectMs < 2 * MINUTE_MS) return undefined;
  for (let lengthMs = WANTED_HISTORY_MS; lengthMs >= LEAST_HISTORY_MS; lengthMs -= 10 * MINUTE_MS) {
    const toMs = nearestHealthyEnd(injectMs, lengthMs, all, dataFromMs, dataToMs);
    if (toMs !== undefined) return { historyFromMs: toMs - lengthMs, historyToMs: toMs, historyShiftMs: injectMs - toMs, injectMs, endMs };
  }
  return undefined;
}

/** End of the healthy stretch that is nearest to the fault, whole minutes away; the earlier of two that are as near. */
function nearestHealthyEnd(injectMs: number, lengthMs: number, all: readonly FaultCase[], dataFromMs: number, dataToMs: number): number | undefined {
  const furthest = Math.ceil(Math.max(injectMs - dataFromMs, dataToMs + lengthMs - injectMs, 0) / MINUTE_MS);
  for (let away = 0; away <= furthest; away++) {
    for (const toMs of [injectMs - away * MINUTE_MS, injectMs + away * MINUTE_MS]) {
      const fromMs = toMs - lengthMs;
      const sick = all.some(({ injectMs: ms }) => fromMs < ms + AFTER_FAULT_MS && toMs > ms - (ms === injectMs ? 0 : BEFORE_FAULT_MS));
      if (fromMs >= dataFromMs && toMs <= dataToMs && !sick) return toMs;
    }
  }
  return undefined;
}
