import { readKeyValue, type Slices, textOf, type Wire } from "@yunwei/otlp";

/*
 * Span.Event { 1 time fixed64, 2 name, 3 attributes }      Span.Link { 1 trace_id, 2 span_id, 3 trace_state, 4 attributes }
 */

/** Events of a span as a JSON array of {timeUnixNano, name, attributes}; "" when there are none. */
export function eventsJson(wire: Wire, slices: Slices, from: number, to: number): string {
  if (from === to) return "";
  const out: object[] = [];
  for (let at = from; at < to; at++) {
    wire.pos = slices.starts[at]!;
    out.push(readEvent(wire, slices.ends[at]!));
  }
  return JSON.stringify(out);
}

function readEvent(wire: Wire, end: number): object {
  const attributes = new Map<string, string>();
  let timeUnixNano = "0";
  let name = "";
  while (wire.next(end)) {
    if (wire.field === 1) {
      wire.fixed64(end);
      timeUnixNano = wire.bigUnsigned().toString();
    } else if (wire.field === 2) {
      const sliceEnd = wire.sliceEnd(end);
      name = textOf(wire, wire.pos, sliceEnd);
      wire.pos = sliceEnd;
    } else if (wire.field === 3) readKeyValue(wire, wire.sliceEnd(end), attributes);
    else wire.skip(end);
  }
  return { timeUnixNano, name, attributes: Object.fromEntries(attributes) };
}

/** Links of a span as a JSON array of {traceId, spanId, attributes}; "" when there are none. */
export function linksJson(wire: Wire, slices: Slices, from: number, to: number): string {
  if (from === to) return "";
  const out: object[] = [];
  for (let at = from; at < to; at++) {
    wire.pos = slices.starts[at]!;
    out.push(readLink(wire, slices.ends[at]!));
  }
  return JSON.stringify(out);
}

function readLink(wire: Wire, end: number): object {
  const attributes = new Map<string, string>();
  const link = { traceId: "", spanId: "" };
  while (wire.next(end)) {
    if (wire.field === 1 || wire.field === 2) {
      const sliceEnd = wire.sliceEnd(end);
      link[wire.field === 1 ? "traceId" : "spanId"] = Buffer.from(wire.bytes.subarray(wire.pos, sliceEnd)).toString("hex");
      wire.pos = sliceEnd;
    } else if (wire.field === 4) readKeyValue(wire, wire.sliceEnd(end), attributes);
    else wire.skip(end);
  }
  return { ...link, attributes: Object.fromEntries(attributes) };
}
