import { type Id64, KIND, type PooledLog, type PooledSpan, type PooledTrace } from "./trace-pool.ts";
import type { TraceSegment } from "./trace-segments.ts";

/** A span or log record with its final ids; times in Unix ms of the case. */
export interface DrawnSpan {
  readonly span: PooledSpan;
  readonly trace: readonly [Id64, Id64];
  readonly id: Id64;
  readonly parent: Id64 | undefined;
  readonly startMs: number;
  readonly endMs: number;
}

export interface DrawnLog {
  readonly log: PooledLog;
  readonly trace: readonly [Id64, Id64] | undefined;
  readonly span: Id64 | undefined;
  readonly timeMs: number;
}

/** Traces and logs that begin in one stretch of time. */
export interface TraceBlock {
  readonly fromMs: number;
  readonly spans: readonly DrawnSpan[];
  readonly logs: readonly DrawnLog[];
}

const LEAST_BLOCK_MS = 60_000;

/**
 * A segment as blocks in the order of time. A drawn block is a bootstrap sample (Efron, Ann. Statist. 7, 1979) of whole
 * traces of the pool, as many as a stretch of its length had, each with new ids and at its own offset; so the mean of a
 * window varies as it would among traces of that kind. A recorded segment is one block.
 * @param random - uniform in [0, 1)
 */
export function* traceBlocks(segment: TraceSegment, random: () => number): Generator<TraceBlock> {
  const { pool, fromMs, toMs, drawn } = segment;
  if (!drawn) {
    yield blockOf(segment, pool.traces, pool.logs, 0, () => 0);
    return;
  }
  const lengthMs = Math.max(LEAST_BLOCK_MS, pool.toMs - pool.fromMs);
  // Blocks end where the segment ends, so that the one before the fault is whole.
  const blocks = Math.ceil((toMs - fromMs) / lengthMs);
  for (let block = blocks; block >= 1; block--) {
    const traces = pool.traces.map(() => pool.traces[Math.floor(random() * pool.traces.length)]!);
    yield blockOf(segment, traces, pool.logs, toMs - block * lengthMs - pool.fromMs, random);
  }
}

function blockOf(
  { fromMs, toMs }: TraceSegment,
  traces: readonly PooledTrace[],
  looseLogs: readonly PooledLog[],
  shiftMs: number,
  random: () => number,
): TraceBlock {
  const spans: DrawnSpan[] = [];
  const logs: DrawnLog[] = [];
  let firstMs = toMs;
  for (const trace of traces) {
    const salt: Id64 = [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)];
    if (trace.startMs + shiftMs < fromMs || trace.startMs + shiftMs >= toMs) continue;
    firstMs = Math.min(firstMs, trace.startMs + shiftMs);
    const id = [trace.id[0], salted(trace.id[1], salt)] as const;
    for (const span of trace.spans) {
      const parent = span.parent === undefined ? undefined : salted(span.parent, salt);
      spans.push({ span, trace: id, id: salted(span.id, salt), parent, startMs: span.startMs + shiftMs, endMs: span.endMs + shiftMs });
    }
    for (const log of trace.logs)
      logs.push({ log, trace: id, span: log.span === undefined ? undefined : salted(log.span, salt), timeMs: log.timeMs + shiftMs });
  }
  for (const log of looseLogs) {
    const timeMs = log.timeMs + shiftMs;
    if (timeMs >= fromMs && timeMs < toMs) logs.push({ log, trace: undefined, span: undefined, timeMs });
  }
  return { fromMs: firstMs, spans, logs };
}

function salted([high, low]: Id64, salt: Id64): Id64 {
  return [(high ^ salt[0]) >>> 0, (low ^ salt[1]) >>> 0];
}

/** Attributes of a span: what a call to a database goes to. */
export function spanAttributes({ kind, peer }: PooledSpan): Record<string, string> {
  return kind === KIND.client && peer !== "" ? { "service.peer.name": peer } : {};
}
