import { type CaseTimeline, FAULT_MS } from "./case-timeline.ts";
import { poolBetween, type TracePool } from "./trace-pool.ts";

/** Traces are given for this long before the fault: 120 windows of the detector. */
const TRACE_HISTORY_MS = 30 * 60_000;

/** A stretch of the case that is filled from a pool of traces: as recorded, or by drawing whole traces from it. */
export interface TraceSegment {
  readonly pool: TracePool;
  /** Unix ms of the recording's time around the fault. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly drawn: boolean;
}

/**
 * How a case is filled with traces. The set keeps one healthy minute (or three) a day, and one (or three) of each fault,
 * so the rest is drawn from these: healthy time before the fault and after it, the fault's own traces while it is on.
 * @param reference - the healthy traces; @param recorded - the fault's, in their own time
 */
export function traceSegments({ injectMs, endMs }: CaseTimeline, reference: TracePool | undefined, recorded: TracePool | undefined): TraceSegment[] {
  const faultEndMs = Math.min(injectMs + FAULT_MS, endMs);
  const sick = recorded === undefined ? undefined : poolBetween(recorded, injectMs, faultEndMs);
  const segments: TraceSegment[] = [];
  const fill = (pool: TracePool | undefined, fromMs: number, toMs: number, drawn: boolean): void => {
    if (pool !== undefined && toMs > fromMs) segments.push({ pool, fromMs, toMs, drawn });
  };
  fill(reference, injectMs - TRACE_HISTORY_MS, injectMs, true);
  if (sick !== undefined) {
    fill(sick, injectMs, sick.fromMs, true);
    fill(sick, sick.fromMs, sick.toMs, false);
    fill(sick, sick.toMs, faultEndMs, true);
    fill(reference, faultEndMs, endMs, true);
  }
  return segments;
}
