import type { RecordSink } from "./record-sink.ts";
import { type Attributes, encodeAttributes } from "./resource-bytes.ts";
import { WireBuffer } from "./wire-buffer.ts";

export const SPAN_KIND_SERVER = 2;
export const SPAN_KIND_CLIENT = 3;
const STATUS_ERROR = 2;

/** What all spans of one operation share, encoded once. */
export interface SpanTemplate {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** @param errorMessage - undefined = status unset; otherwise status ERROR with this text ("" = none) */
export function spanTemplate(name: string, kind: number, attributes: Attributes, errorMessage?: string): SpanTemplate {
  const head = new WireBuffer(64);
  head.stringField(5, name);
  head.varintField(6, kind);
  const tail = new WireBuffer(256);
  const encoded = encodeAttributes(9, attributes);
  tail.raw(encoded, 0, encoded.length);
  if (errorMessage !== undefined) {
    const status = new WireBuffer(64);
    if (errorMessage !== "") status.stringField(2, errorMessage);
    status.varintField(3, STATUS_ERROR);
    tail.bytesField(15, status.take());
  }
  return { head: head.take(), tail: tail.take() };
}

/** Identity of a span: `trace` has four words; span ids are two words from `span` / `parent` on in `ids`; parent < 0 = root. */
export interface SpanIdentity {
  readonly trace: Uint32Array;
  readonly ids: Uint32Array;
  span: number;
  parent: number;
}

/** Appends one span. Times in Unix milliseconds, with fraction. */
export function writeSpan(sink: RecordSink, template: SpanTemplate, identity: SpanIdentity, startMs: number, endMs: number): void {
  const isRoot = identity.parent < 0;
  const size = 18 + 10 + (isRoot ? 0 : 10) + template.head.length + 18 + template.tail.length;
  const out = sink.buffer;
  out.bytesHeader(2, size);
  out.idField(1, identity.trace, 0, 4);
  out.idField(2, identity.ids, identity.span, 2);
  if (!isRoot) out.idField(4, identity.ids, identity.parent, 2);
  out.raw(template.head, 0, template.head.length);
  out.unixNanoField(7, startMs);
  out.unixNanoField(8, endMs);
  out.raw(template.tail, 0, template.tail.length);
  sink.recordDone();
}
