import { checkKeyValue, isPlainPair, MAX_ATTRIBUTES } from "./attributes.ts";
import type { ResourceInfo, SpanColumns, SpanDecoding, StreamIdentity } from "./columns.ts";
import { growColumns } from "./grow.ts";
import { clearId, isZeroId, lanesIn, takeId } from "./id-lanes.ts";
import { NO_PEER_RANK, type PeerAttribute, peerAttribute } from "./peer-attributes.ts";
import { ResourceTable } from "./resource-table.ts";
import { SlicePool } from "./slice-pool.ts";
import { StringTable } from "./string-table.ts";
import { timeProblem } from "./time-rule.ts";
import { walkRequest } from "./walk-request.ts";
import { Wire } from "./wire.ts";

/*
 * opentelemetry.proto.trace.v1
 *   ExportTraceServiceRequest { 1 resource_spans }   ResourceSpans { 1 resource, 2 scope_spans }   ScopeSpans { 1 scope, 2 spans }
 *   Span { 1 trace_id 16, 2 span_id 8, 3 trace_state, 4 parent_span_id 8, 5 name, 6 kind, 7 start, 8 end, 9 attributes, 10 dropped,
 *          11 events, 12 dropped, 13 links, 14 dropped, 15 status { 2 message, 3 code }, 16 flags }
 */

const FIRST = 1024;
/** Field 9 of a Span, length-delimited. */
const TAG_ATTRIBUTE = 0x4a;

function spanColumns(): SpanColumns {
  const i32 = (): Int32Array => new Int32Array(FIRST);
  const u64 = (): BigUint64Array => new BigUint64Array(FIRST);
  return {
    count: 0,
    resource: i32(),
    kind: new Uint8Array(FIRST),
    status: new Uint8Array(FIRST),
    startMs: new Float64Array(FIRST),
    durationMs: new Float64Array(FIRST),
    traceHigh: u64(),
    traceLow: u64(),
    spanId: u64(),
    parentId: u64(),
    name: i32(),
    peer: i32(),
    peerKind: new Uint8Array(FIRST),
    attributes: i32(),
    attributesTo: i32(),
    eventsFrom: i32(),
    eventsTo: i32(),
    linksFrom: i32(),
    linksTo: i32(),
  };
}

/** The ids' columns by lanes: no BigInt a span. */
function lanesOf({ traceHigh, traceLow, spanId, parentId }: SpanColumns) {
  return { trace: { high: lanesIn(traceHigh), low: lanesIn(traceLow) }, span: lanesIn(spanId), parent: lanesIn(parentId) };
}

/** Decodes Export requests of traces into columns; see SpanDecoding. */
export class SpanDecoder implements SpanDecoding {
  readonly spans = spanColumns();
  /** Slices of the request that the columns point into; valid until the next `decode`. */
  readonly slices = new SlicePool();
  rejected = 0;
  problem: string | undefined;
  readonly wire = new Wire();
  readonly #resources = new ResourceTable();
  readonly #strings: StringTable;
  readonly #events: number[] = [];
  readonly #links: number[] = [];
  readonly #take = (end: number, resource: number): void => this.#span(end, resource);
  #receivedMs = Number.NaN;
  #lanes = lanesOf(this.spans);

  /** @param maxStrings - distinct names and peers that are held */
  constructor(maxStrings?: number) {
    this.#strings = new StringTable(maxStrings);
  }

  /** Whether a catalogue has no room for something new. */
  get isFull(): boolean {
    return this.#strings.isFull || this.#resources.isFull;
  }

  /** The request decoded last. */
  get body(): Uint8Array {
    return this.wire.bytes;
  }

  get resources(): readonly ResourceInfo[] {
    return this.#resources.all;
  }

  get strings(): readonly string[] {
    return this.#strings.all;
  }

  decode(body: Uint8Array, identity: StreamIdentity): void {
    this.#clear();
    this.#receivedMs = identity.receivedMs;
    try {
      walkRequest(this.wire, body, identity, this.#resources, this.#take);
    } catch (error) {
      this.#clear();
      throw error;
    }
  }

  #clear(): void {
    this.spans.count = 0;
    this.slices.clear();
    this.rejected = 0;
    this.problem = undefined;
  }

  #span(end: number, resource: number): void {
    const { wire, spans, slices } = this;
    const row = spans.count;
    if (row === spans.resource.length) {
      growColumns(spans, row + 1);
      this.#lanes = lanesOf(spans);
    }
    const { trace, span, parent } = this.#lanes;
    spans.kind[row] = 0;
    spans.status[row] = 0;
    spans.name[row] = 0;
    clearId(trace.high, row);
    clearId(trace.low, row);
    clearId(span, row);
    clearId(parent, row);
    spans.peer[row] = 0;
    spans.peerKind[row] = 0;
    const attributes = slices.length;
    if (this.#events.length > 0) this.#events.length = 0;
    if (this.#links.length > 0) this.#links.length = 0;
    let startMs = 0;
    let endMs = 0;
    let peerRank = NO_PEER_RANK;
    while (wire.next(end)) {
      switch (wire.field) {
        case 1:
          this.#traceId(row, end);
          break;
        case 2:
          this.#id(span, row, end);
          break;
        case 4:
          this.#id(parent, row, end);
          break;
        case 5:
          spans.name[row] = this.#strings.take(wire, end);
          break;
        case 6:
          spans.kind[row] = Math.min(wire.number(end), 5);
          break;
        case 7:
          wire.fixed64(end);
          startMs = wire.nanosAsMs();
          break;
        case 8:
          wire.fixed64(end);
          endMs = wire.nanosAsMs();
          break;
        case 9:
          peerRank = this.#attributes(row, end, peerRank);
          break;
        case 11:
          this.#event(end);
          break;
        case 13:
          this.#link(end);
          break;
        case 15:
          spans.status[row] = this.#statusCode(wire.sliceEnd(end));
          break;
        default:
          wire.skip(end);
      }
    }
    this.#finish(row, resource, attributes, startMs, endMs);
  }

  #finish(row: number, resource: number, attributes: number, startMs: number, endMs: number): void {
    const { spans, slices } = this;
    spans.resource[row] = resource;
    spans.startMs[row] = startMs;
    spans.durationMs[row] = Math.max(0, endMs - startMs);
    spans.attributes[row] = attributes;
    spans.attributesTo[row] = slices.length;
    spans.eventsFrom[row] = slices.length;
    if (this.#events.length > 0) slices.pushAll(this.#events);
    spans.eventsTo[row] = slices.length;
    spans.linksFrom[row] = slices.length;
    if (this.#links.length > 0) slices.pushAll(this.#links);
    spans.linksTo[row] = slices.length;
    let problem = this.#receivedMs >= 0 ? timeProblem(startMs, this.#receivedMs) : undefined;
    const { trace, span } = this.#lanes;
    if (isZeroId(span, row) || (isZeroId(trace.high, row) && isZeroId(trace.low, row))) problem = "trace_id or span_id is missing or zero";
    else if (spans.attributesTo[row]! - attributes > MAX_ATTRIBUTES) problem = `more than ${MAX_ATTRIBUTES} attributes`;
    if (problem === undefined) spans.count = row + 1;
    else {
      this.rejected++;
      this.problem ??= `span ${(this.#strings.all[spans.name[row]!] ?? "").slice(0, 200)}: ${problem}`;
    }
  }

  #traceId(row: number, end: number): void {
    const { wire } = this;
    const { trace } = this.#lanes;
    const sliceEnd = wire.sliceEnd(end);
    const length = sliceEnd - wire.pos;
    if (length === 16) {
      takeId(trace.high, row, wire, wire.pos);
      takeId(trace.low, row, wire, wire.pos + 8);
    } else if (length !== 0) wire.fail(`a trace id of ${length} bytes, 16 are wanted,`);
    else {
      clearId(trace.high, row);
      clearId(trace.low, row);
    }
    wire.pos = sliceEnd;
  }

  #id(lanes: Uint32Array, row: number, end: number): void {
    const { wire } = this;
    const sliceEnd = wire.sliceEnd(end);
    const length = sliceEnd - wire.pos;
    if (length === 8) takeId(lanes, row, wire, wire.pos);
    else if (length === 0) clearId(lanes, row);
    else wire.fail(`a span id of ${length} bytes, 8 are wanted,`);
    wire.pos = sliceEnd;
  }

  /** The attribute whose tag was read, and those that follow it at once, as encoders write them: most of a span is attributes. */
  #attributes(row: number, end: number, peerRank: number): number {
    const { wire, slices } = this;
    const { bytes } = wire;
    let rank = peerRank;
    for (;;) {
      const sliceEnd = wire.sliceEnd(end);
      const start = wire.pos;
      slices.push(start, sliceEnd);
      const about = peerAttribute(bytes, start);
      if (about !== undefined) rank = this.#peer(row, about, start, sliceEnd, rank);
      if (!isPlainPair(bytes, start, sliceEnd)) {
        wire.pos = start;
        checkKeyValue(wire, sliceEnd);
      }
      if (sliceEnd >= end || bytes[sliceEnd] !== TAG_ATTRIBUTE) {
        wire.pos = sliceEnd;
        return rank;
      }
      wire.pos = sliceEnd + 1;
      wire.field = 9;
      wire.type = 2;
    }
  }

  #peer(row: number, { kind, rank }: PeerAttribute, start: number, end: number, best: number): number {
    const { peer, peerKind } = this.spans;
    if (kind > peerKind[row]!) peerKind[row] = kind;
    if (rank >= best) return best;
    peer[row] = this.#stringValue(start, end);
    return rank;
  }

  /** The string value of a KeyValue as an entry of `strings`; 0 when it is not a string. */
  #stringValue(start: number, end: number): number {
    const { wire } = this;
    wire.pos = start;
    let entry = 0;
    while (wire.next(end)) {
      if (wire.field === 2) entry = this.#stringOf(wire.sliceEnd(end));
      else wire.skip(end);
    }
    return entry;
  }

  #stringOf(end: number): number {
    const { wire } = this;
    let entry = 0;
    while (wire.next(end)) {
      if (wire.field === 1) entry = this.#strings.take(wire, end);
      else wire.skip(end);
    }
    return entry;
  }

  /** Event { 1 time fixed64, 2 name, 3 attributes } */
  #event(end: number): void {
    const { wire } = this;
    const sliceEnd = wire.sliceEnd(end);
    this.#events.push(wire.pos, sliceEnd);
    while (wire.next(sliceEnd)) {
      if (wire.field === 1) wire.fixed64(sliceEnd);
      else if (wire.field === 2) wire.pos = wire.sliceEnd(sliceEnd);
      else if (wire.field === 3) checkKeyValue(wire, wire.sliceEnd(sliceEnd));
      else wire.skip(sliceEnd);
    }
  }

  /** Link { 1 trace_id, 2 span_id, 3 trace_state, 4 attributes } */
  #link(end: number): void {
    const { wire } = this;
    const sliceEnd = wire.sliceEnd(end);
    this.#links.push(wire.pos, sliceEnd);
    while (wire.next(sliceEnd)) {
      if (wire.field === 1 || wire.field === 2) wire.pos = wire.sliceEnd(sliceEnd);
      else if (wire.field === 4) checkKeyValue(wire, wire.sliceEnd(sliceEnd));
      else wire.skip(sliceEnd);
    }
  }

  #statusCode(end: number): number {
    const { wire } = this;
    let code = 0;
    while (wire.next(end)) {
      if (wire.field === 3) code = Math.min(wire.number(end), 2);
      else wire.skip(end);
    }
    return code;
  }
}
