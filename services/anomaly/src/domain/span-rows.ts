/** Spans of one window that wait for their relatives, by columns; grows by doubling. */
export class SpanRows {
  count = 0;
  /** Numbers (CatalogueNumbers) of the resource, and of the name of what is called; 0 = unknown. */
  resources = new Int32Array(256);
  peers = new Int32Array(256);
  durations = new Float64Array(256);
  /** Bit 0 failed, bit 1 served (server or consumer), bit 2 asynchronous (producer or consumer). */
  flags = new Uint8Array(256);
  /** Trace lane and both lanes of the span id. */
  traces = new Uint32Array(256);
  highs = new Uint32Array(256);
  lows = new Uint32Array(256);

  push(resource: number, peer: number, durationMs: number, flags: number, trace: number, high: number, low: number): void {
    if (this.count === this.resources.length) this.#grow();
    const at = this.count++;
    this.resources[at] = resource;
    this.peers[at] = peer;
    this.durations[at] = durationMs;
    this.flags[at] = flags;
    this.traces[at] = trace;
    this.highs[at] = high;
    this.lows[at] = low;
  }

  #grow(): void {
    const size = this.count * 2;
    this.resources = extend(this.resources, new Int32Array(size));
    this.peers = extend(this.peers, new Int32Array(size));
    this.durations = extend(this.durations, new Float64Array(size));
    this.flags = extend(this.flags, new Uint8Array(size));
    this.traces = extend(this.traces, new Uint32Array(size));
    this.highs = extend(this.highs, new Uint32Array(size));
    this.lows = extend(this.lows, new Uint32Array(size));
  }
}

export const SPAN_FLAG = { failed: 1, served: 2, asynchronous: 4 } as const;

function extend<T extends Int32Array | Float64Array | Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
