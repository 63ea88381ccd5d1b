import { columnOf, parseCsv } from "./csv.ts";

/** OTLP span kinds. */
export const KIND = { internal: 1, server: 2, client: 3 } as const;

/** One span of the recording. Ids as words; times in Unix milliseconds. */
export interface PooledSpan {
  readonly id: Id64;
  readonly parent: Id64 | undefined;
  readonly pod: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  /** What a call to something without spans goes to, e.g. a database; "" = not told. */
  readonly peer: string;
}

/** A 64-bit id as two 32-bit words. */
export type Id64 = readonly [high: number, low: number];

/** A record of a log. */
export interface PooledLog {
  readonly pod: string;
  readonly timeMs: number;
  readonly severity: number;
  readonly text: string;
  readonly span: Id64 | undefined;
}

/** A trace with what was logged within it. */
export interface PooledTrace {
  readonly id: readonly [Id64, Id64];
  readonly startMs: number;
  readonly spans: readonly PooledSpan[];
  readonly logs: readonly PooledLog[];
}

/** What a stretch of the recording holds of traces and logs. */
export interface TracePool {
  readonly fromMs: number;
  readonly toMs: number;
  readonly traces: readonly PooledTrace[];
  /** Logs outside traces. */
  readonly logs: readonly PooledLog[];
}

interface RawSpan {
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly pod: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

const SQL = /^(?:SELECT|INSERT|UPDATE|DELETE|REPLACE) ([A-Za-z_]\w*)\./;

/** Reads trace files (and log records by trace id) into one pool; a span that is in two files counts once. @returns undefined when there is no trace */
export function tracePool(files: readonly string[], logs: ReadonlyMap<string, readonly PooledLog[]>): TracePool | undefined {
  const byTrace = new Map<string, Map<string, RawSpan>>();
  for (const file of files) for (const span of rawSpans(file)) if (isSound(span)) spansOf(byTrace, span.trace).set(span.id, span);
  const traces = [...byTrace].map(([id, spans]) => traceOf(id, [...spans.values()], logs.get(id) ?? [])).sort((a, b) => a.startMs - b.startMs);
  const loose = [...logs].filter(([id]) => !byTrace.has(id)).flatMap(([, records]) => records);
  const last = traces.at(-1);
  if (last === undefined) return undefined;
  return { fromMs: traces[0]!.startMs, toMs: last.startMs + 1, traces, logs: [...loose].sort((a, b) => a.timeMs - b.timeMs) };
}

/** The part of a pool that began in [fromMs, toMs). */
export function poolBetween(pool: TracePool, fromMs: number, toMs: number): TracePool | undefined {
  const traces = pool.traces.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
  const logs = pool.logs.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
  return traces.length === 0 ? undefined : { fromMs: traces[0]!.startMs, toMs: traces.at(-1)!.startMs + 1, traces, logs };
}

function* rawSpans(file: string): Generator<RawSpan> {
  const table = parseCsv(file);
  const [trace, id, parent, pod] = ["TraceID", "SpanID", "ParentID", "PodName"].map((name) => columnOf(table, name)) as [number, number, number, number];
  const [name, start, end] = ["OperationName", "StartTimeUnixNano", "EndTimeUnixNano"].map((column) => columnOf(table, column)) as [number, number, number];
  for (const row of table.rows) {
    const [startMs, endMs] = [Number(row[start]) / 1e6, Number(row[end]) / 1e6];
    yield { trace: row[trace]!, id: row[id]!, parent: row[parent]!, pod: row[pod]!, name: row[name]!, startMs, endMs };
  }
}

function isSound({ trace, id, startMs, endMs }: RawSpan): boolean {
  return /^[0-9a-f]{32}$/.test(trace) && /^[0-9a-f]{16}$/.test(id) && startMs > 0 && endMs >= startMs;
}

function spansOf(byTrace: Map<string, Map<string, RawSpan>>, trace: string): Map<string, RawSpan> {
  let spans = byTrace.get(trace);
  if (spans === undefined) {
    spans = new Map();
    byTrace.set(trace, spans);
  }
  return spans;
}

/**
 * The set does not say what kind a span is, but where it ran: a span whose parent ran in another pod (or that has none)
 * served a call, its parent there made the call, and a statement on a database is a call to it. The rest is internal.
 */
function traceOf(id: string, raw: readonly RawSpan[], logs: readonly PooledLog[]): PooledTrace {
  const byId = new Map(raw.map((span) => [span.id, span]));
  const callers = new Set<string>();
  for (const span of raw) {
    const parent = byId.get(span.parent);
    if (parent !== undefined && parent.pod !== span.pod) callers.add(parent.id);
  }
  const spans = raw.map((span): PooledSpan => {
    const parent = byId.get(span.parent);
    const database = SQL.exec(span.name)?.[1];
    const served = parent === undefined || parent.pod !== span.pod;
    const kind = served ? KIND.server : callers.has(span.id) || database !== undefined ? KIND.client : KIND.internal;
    const { pod, name, startMs, endMs } = span;
    return {
      id: id64(span.id, 0),
      parent: parent === undefined ? undefined : id64(span.parent, 0),
      pod,
      name,
      kind,
      startMs,
      endMs,
      peer: database === undefined ? "" : `${database}-db`,
    };
  });
  return { id: [id64(id, 0), id64(id, 16)], startMs: Math.min(...spans.map(({ startMs }) => startMs)), spans, logs };
}

/** 16 hexadecimal digits from `at` on as two words. */
export function id64(hex: string, at: number): Id64 {
  return [Number.parseInt(hex.slice(at, at + 8), 16), Number.parseInt(hex.slice(at + 8, at + 16), 16)];
}
