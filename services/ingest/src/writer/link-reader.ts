import { type SpanDecoding, Wire } from "@yunwei/otlp";

/** Links of one span that are looked at: a batch of more messages is told by its first ones. */
const MAX_LINKS = 128;

const KEY_LANES = 6;

/** Reads the ids that the links of a span name. */
export class LinkReader {
  readonly #wire = new Wire();
  readonly #seen = new Uint32Array(KEY_LANES * (MAX_LINKS + 1));

  /**
   * Sets `key` (trace id and span id, most significant lanes first) to each link in turn and calls `then`. What `key` is
   * before, the span's own parent, is left out: it is known without a link. So is what is named twice.
   */
  each({ body, spans, slices }: SpanDecoding, row: number, key: Uint32Array, then: () => void): void {
    const wire = this.#wire;
    if (wire.bytes !== body) wire.open(body);
    this.#seen.set(key);
    let seen = 1;
    const end = Math.min(spans.linksTo[row]!, spans.linksFrom[row]! + MAX_LINKS);
    for (let at = spans.linksFrom[row]!; at < end; at++) {
      if (!readLink(wire, slices.starts[at]!, slices.ends[at]!, key) || this.#has(key, seen)) continue;
      this.#seen.set(key, KEY_LANES * seen++);
      then();
    }
  }

  #has(key: Uint32Array, seen: number): boolean {
    for (let from = 0; from < KEY_LANES * seen; from += KEY_LANES) {
      let lane = 0;
      while (lane < KEY_LANES && this.#seen[from + lane] === key[lane]) lane++;
      if (lane === KEY_LANES) return true;
    }
    return false;
  }
}

/** Link { 1 trace_id 16, 2 span_id 8, ... }; false when one of the ids is not there. */
function readLink(wire: Wire, start: number, end: number, key: Uint32Array): boolean {
  let found = 0;
  wire.pos = start;
  while (wire.next(end)) {
    if (wire.field !== 1 && wire.field !== 2) {
      wire.skip(end);
      continue;
    }
    const from = wire.field === 1 ? 0 : 4;
    const lanes = wire.field === 1 ? 4 : 2;
    const sliceEnd = wire.sliceEnd(end);
    if (sliceEnd - wire.pos === 4 * lanes) {
      for (let lane = 0; lane < lanes; lane++) key[from + lane] = wire.view.getUint32(wire.pos + 4 * lane, false);
      found |= wire.field;
    }
    wire.pos = sliceEnd;
  }
  return found === 3;
}
