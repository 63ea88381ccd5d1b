/** One call as both ends saw it, or as the caller alone did. */
export interface Call {
  readonly department: string;
  readonly tier: string;
  readonly src: string;
  readonly site: string;
  readonly dst: string;
  readonly dstSite: string;
  readonly dstKind: "service" | "queue" | "external";
  /** Start of the call, Unix milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

/** What is kept of a span until its other end comes. */
export interface SpanEnd {
  readonly service: string;
  readonly site: string;
  readonly tier: string;
  readonly department: string;
  readonly trace: bigint;
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  /** Of a client span: what it says it calls; "" when it does not. */
  readonly peer: string;
  readonly asynchronous: boolean;
}

interface Waiting extends SpanEnd {
  readonly sinceMs: number;
}

/** How long an end waits for the other (our clock): batches of two sites come seconds apart. */
const WAIT_MS = 15_000;
/** Ends that wait at most; beyond it the oldest go at once. */
const MAX_WAITING = 200_000;

/**
 * Joins the two ends of calls as they come, in either order and in different batches: a view over one insert would lose
 * those (notes/backends.md §1.1). A caller whose callee never shows (a database) is told by the name it gave.
 */
export class CallJoiner {
  readonly #callers = new Map<bigint, Waiting>();
  readonly #callees = new Map<bigint, Waiting>();
  #calls: Call[] = [];

  /** A client or producer span. */
  caller(spanId: bigint, end: SpanEnd, nowMs: number): void {
    const callee = this.#callees.get(spanId);
    if (callee !== undefined && callee.trace === end.trace) {
      this.#callees.delete(spanId);
      this.#join(end, callee);
    } else this.#callers.set(spanId, { ...end, sinceMs: nowMs });
  }

  /** A server or consumer span, by the id of its parent. */
  callee(parentId: bigint, end: SpanEnd, nowMs: number): void {
    const caller = this.#callers.get(parentId);
    if (caller !== undefined && caller.trace === end.trace) {
      this.#callers.delete(parentId);
      this.#join(caller, end);
    } else this.#callees.set(parentId, { ...end, sinceMs: nowMs });
  }

  #join(caller: SpanEnd, callee: SpanEnd): void {
    if (caller.service === callee.service) return;
    const { department, tier, service: src, site, startMs, durationMs } = caller;
    this.#calls.push({
      department,
      tier,
      src,
      site,
      dst: callee.service,
      dstSite: callee.site,
      dstKind: "service",
      startMs,
      durationMs,
      failed: caller.failed || callee.failed,
    });
  }

  /** Calls that are known by now. Ends that have waited long enough are given up; callers that named their callee count without it. */
  take(nowMs: number): Call[] {
    expire(this.#callers, nowMs, (caller) => {
      if (caller.peer === "" || caller.peer === caller.service) return;
      const { department, tier, service: src, site, peer: dst, startMs, durationMs, failed } = caller;
      this.#calls.push({ department, tier, src, site, dst, dstSite: "", dstKind: caller.asynchronous ? "queue" : "external", startMs, durationMs, failed });
    });
    expire(this.#callees, nowMs, () => undefined);
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }
}

/** Maps keep the order of insertion, so the oldest are first. */
function expire(waiting: Map<bigint, Waiting>, nowMs: number, then: (end: Waiting) => void): void {
  for (const [id, end] of waiting) {
    if (nowMs - end.sinceMs < WAIT_MS && waiting.size <= MAX_WAITING) return;
    waiting.delete(id);
    then(end);
  }
}
