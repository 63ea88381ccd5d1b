/** Entries of one generation; two generations are kept: 200,000 spans at most. */
const GENERATION_ENTRIES = 100_000;
const TABLE_SLOTS = 1 << 18;
const MASK = TABLE_SLOTS - 1;
/** A parent more than this much older than its child is not waited for. */
const GENERATION_MS = 60_000;
/** Internal spans between a call and the served span above it; also ends a cycle in hostile data. */
const MAX_HOPS = 16;

/** What children have told about one span, by entry. */
interface Generation {
  readonly traces: Uint32Array;
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  /** Duration of calls below the span, ms. */
  readonly calledMs: Float64Array;
  /** Resource index + 1 of the served child; 0 = none yet. */
  readonly servers: Int32Array;
  readonly serverMs: Float64Array;
  /** Span id of the parent of an internal span: what it is told is meant for that one; 0, 0 = none. */
  readonly parentHighs: Uint32Array;
  readonly parentLows: Uint32Array;
  /** Row in use. */
  readonly used: Uint8Array;
  entries: number;
  startedMs: number;
}

/** A position in one of the two generations; made by `SpanLinks.find`. */
export interface SpanLink {
  readonly calledMs: number;
  /** Resource index of the span that served the call, or -1. */
  readonly server: number;
  readonly serverMs: number;
}

/**
 * The join of parents and children that arrive in any order from different sources, bounded in entries and in time: two
 * generations of an open-addressing table, the older dropped when the younger is full or 60 s of event time old.
 */
export class SpanLinks {
  #young = newGeneration();
  #old = newGeneration();

  get entries(): number {
    return this.#young.entries + this.#old.entries;
  }

  /** Adds the duration of a call made by span (trace, high, low), or by the served span above it when that one is internal. */
  addCall(trace: number, high: number, low: number, durationMs: number, timeMs: number): void {
    this.#renew(timeMs);
    let [generation, at] = this.#place(trace, high, low);
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const parentHigh = generation.parentHighs[at]!;
      const parentLow = generation.parentLows[at]!;
      if (parentHigh === 0 && parentLow === 0) break;
      [generation, at] = this.#place(trace, parentHigh, parentLow);
    }
    generation.calledMs[at]! += durationMs;
  }

  /** Says that span (trace, high, low) is internal: its calls, also those told before, count for its parent. */
  addInternal(trace: number, high: number, low: number, parentHigh: number, parentLow: number, timeMs: number): void {
    this.#renew(timeMs);
    const [generation, at] = this.#place(trace, high, low);
    const calledMs = generation.calledMs[at]!;
    generation.calledMs[at] = 0;
    generation.parentHighs[at] = parentHigh;
    generation.parentLows[at] = parentLow;
    if (calledMs > 0) this.addCall(trace, parentHigh, parentLow, calledMs, timeMs);
  }

  /** Says which resource served the call of span (trace, high, low), and how long that took. The longest of several counts. */
  addServer(trace: number, high: number, low: number, resource: number, durationMs: number, timeMs: number): void {
    this.#renew(timeMs);
    const [generation, at] = this.#place(trace, high, low);
    if (generation.servers[at] !== 0 && generation.serverMs[at]! >= durationMs) return;
    generation.servers[at] = resource + 1;
    generation.serverMs[at] = durationMs;
  }

  /** What is known of span (trace, high, low), or undefined. */
  find(trace: number, high: number, low: number): SpanLink | undefined {
    for (const generation of [this.#young, this.#old]) {
      const at = slotOf(generation, trace, high, low);
      if (generation.used[at] === 1) {
        return { calledMs: generation.calledMs[at]!, server: generation.servers[at]! - 1, serverMs: generation.serverMs[at]! };
      }
    }
    return undefined;
  }

  #place(trace: number, high: number, low: number): [Generation, number] {
    const past = slotOf(this.#old, trace, high, low);
    if (this.#old.used[past] === 1) return [this.#old, past];
    const young = this.#young;
    const at = slotOf(young, trace, high, low);
    if (young.used[at] === 0) {
      young.used[at] = 1;
      young.traces[at] = trace;
      young.highs[at] = high;
      young.lows[at] = low;
      young.calledMs[at] = 0;
      young.servers[at] = 0;
      young.serverMs[at] = 0;
      young.parentHighs[at] = 0;
      young.parentLows[at] = 0;
      young.entries++;
    }
    return [young, at];
  }

  #renew(timeMs: number): void {
    const young = this.#young;
    if (young.entries === 0) young.startedMs = timeMs;
    if (young.entries < GENERATION_ENTRIES && timeMs - young.startedMs < GENERATION_MS) return;
    const recycled = this.#old;
    recycled.used.fill(0);
    recycled.entries = 0;
    recycled.startedMs = timeMs;
    this.#old = young;
    this.#young = recycled;
  }
}

function newGeneration(): Generation {
  return {
    traces: new Uint32Array(TABLE_SLOTS),
    highs: new Uint32Array(TABLE_SLOTS),
    lows: new Uint32Array(TABLE_SLOTS),
    calledMs: new Float64Array(TABLE_SLOTS),
    servers: new Int32Array(TABLE_SLOTS),
    serverMs: new Float64Array(TABLE_SLOTS),
    parentHighs: new Uint32Array(TABLE_SLOTS),
    parentLows: new Uint32Array(TABLE_SLOTS),
    used: new Uint8Array(TABLE_SLOTS),
    entries: 0,
    startedMs: 0,
  };
}

/** The entry of the key, or the free one where it belongs; there is always one, the table is at most 40 % full. */
function slotOf(generation: Generation, trace: number, high: number, low: number): number {
  let at = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) ^ trace) & MASK;
  while (generation.used[at] === 1 && !(generation.lows[at] === low && generation.highs[at] === high && generation.traces[at] === trace)) {
    at = (at + 1) & MASK;
  }
  return at;
}
