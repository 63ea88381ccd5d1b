import { readAnyValue, readKeyValue, type Slices, type Wire } from "@yunwei/otlp";
import type { StringColumn } from "@yunwei/store";
import { JsonBytes } from "./json-bytes.ts";

/*
 * Span.Event { 1 time fixed64, 2 name, 3 attributes }      Span.Link { 1 trace_id, 2 span_id, 3 trace_state, 4 attributes }
 * KeyValue { 1 key string, 2 value AnyValue }              AnyValue { 1 string ... }
 */

const encoder = new TextEncoder();
const raw = (text: string): Uint8Array => encoder.encode(text);
const [OPEN, CLOSE, COMMA, COLON, END] = [raw("["), raw("]"), raw(","), raw(":"), raw("}}")];
const [TIME, NAME, TRACE, SPAN, ATTRIBUTES] = [raw('{"timeUnixNano":'), raw(',"name":'), raw('{"traceId":'), raw(',"spanId":'), raw(',"attributes":{')];
const TAG_STRING = 0x0a;
/** Of more attributes it is asked in a map whether a key comes twice: comparing each with all is quadratic. */
const MOST_COMPARED = 32;

/** Columns of a span's events and links: JSON arrays, "" when there are none. */
export class SpanDetails {
  readonly #json = new JsonBytes();
  /** Starts and ends of the attributes of the message in hand, and of the keys that were written. */
  readonly #pairs: number[] = [];
  readonly #keys: number[] = [];

  /** Adds the events `[from, to)` of `slices` as a row: {timeUnixNano, name, attributes} each. */
  events(column: StringColumn, wire: Wire, slices: Slices, from: number, to: number): void {
    this.#list(column, wire, slices, from, to, this.#event);
  }

  /** Adds the links `[from, to)` of `slices` as a row: {traceId, spanId, attributes} each. */
  links(column: StringColumn, wire: Wire, slices: Slices, from: number, to: number): void {
    this.#list(column, wire, slices, from, to, this.#link);
  }

  #list(column: StringColumn, wire: Wire, slices: Slices, from: number, to: number, one: (wire: Wire, end: number) => void): void {
    const json = this.#json;
    json.clear();
    for (let at = from; at < to; at++) {
      json.raw(at === from ? OPEN : COMMA);
      wire.pos = slices.starts[at]!;
      one(wire, slices.ends[at]!);
    }
    if (to > from) json.raw(CLOSE);
    column.slice(json.bytes, 0, json.length);
  }

  readonly #event = (wire: Wire, end: number): void => {
    const json = this.#json;
    this.#pairs.length = 0;
    let [high, low, nameStart, nameEnd] = [0, 0, 0, 0];
    while (wire.next(end)) {
      if (wire.field === 1) {
        wire.fixed64(end);
        high = wire.high;
        low = wire.low;
      } else if (wire.field === 2) {
        nameEnd = wire.sliceEnd(end);
        nameStart = wire.pos;
        wire.pos = nameEnd;
      } else if (wire.field === 3) this.#pair(wire, end);
      else wire.skip(end);
    }
    json.raw(TIME);
    json.unsigned(high, low);
    json.raw(NAME);
    json.utf8(wire.bytes, nameStart, nameEnd);
    this.#attributes(wire);
  };

  readonly #link = (wire: Wire, end: number): void => {
    const json = this.#json;
    this.#pairs.length = 0;
    let [traceStart, traceEnd, spanStart, spanEnd] = [0, 0, 0, 0];
    while (wire.next(end)) {
      if (wire.field === 1) {
        traceEnd = wire.sliceEnd(end);
        traceStart = wire.pos;
        wire.pos = traceEnd;
      } else if (wire.field === 2) {
        spanEnd = wire.sliceEnd(end);
        spanStart = wire.pos;
        wire.pos = spanEnd;
      } else if (wire.field === 4) this.#pair(wire, end);
      else wire.skip(end);
    }
    json.raw(TRACE);
    json.hex(wire.bytes, traceStart, traceEnd);
    json.raw(SPAN);
    json.hex(wire.bytes, spanStart, spanEnd);
    this.#attributes(wire);
  };

  #pair(wire: Wire, end: number): void {
    const pairEnd = wire.sliceEnd(end);
    this.#pairs.push(wire.pos, pairEnd);
    wire.pos = pairEnd;
  }

  #attributes(wire: Wire): void {
    const json = this.#json;
    const pairs = this.#pairs;
    const begin = json.length;
    this.#keys.length = 0;
    let areOnce = pairs.length <= 2 * MOST_COMPARED;
    json.raw(ATTRIBUTES);
    for (let i = 0; i < pairs.length && areOnce; i += 2) {
      if (i > 0) json.raw(COMMA);
      areOnce = this.#attribute(wire, pairs[i]!, pairs[i + 1]!);
    }
    if (!areOnce) {
      json.cut(begin);
      this.#lastOfEach(wire);
    }
    json.raw(END);
  }

  /** Writes `"key":"value"`; false when the key has come before. */
  #attribute(wire: Wire, start: number, end: number): boolean {
    const json = this.#json;
    let [keyStart, keyEnd, valueStart, valueEnd] = [0, 0, 0, 0];
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field !== 1 && wire.field !== 2) {
        wire.skip(end);
        continue;
      }
      const sliceEnd = wire.sliceEnd(end);
      if (wire.field === 1) [keyStart, keyEnd] = [wire.pos, sliceEnd];
      else [valueStart, valueEnd] = [wire.pos, sliceEnd];
      wire.pos = sliceEnd;
    }
    if (this.#isKnown(wire.bytes, keyStart, keyEnd)) return false;
    this.#keys.push(keyStart, keyEnd);
    json.utf8(wire.bytes, keyStart, keyEnd);
    json.raw(COLON);
    this.#value(wire, valueStart, valueEnd);
    return true;
  }

  #isKnown(bytes: Uint8Array, start: number, end: number): boolean {
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i += 2) {
      const from = keys[i]!;
      if (keys[i + 1]! - from !== end - start) continue;
      let at = start;
      while (at < end && bytes[at] === bytes[from + at - start]) at++;
      if (at === end) return true;
    }
    return false;
  }

  /** A value as text: strings as they are, others as JSON. */
  #value(wire: Wire, start: number, end: number): void {
    if (end - start >= 2 && wire.bytes[start] === TAG_STRING) {
      wire.pos = start + 1;
      wire.type = 2;
      if (wire.sliceEnd(end) === end) {
        this.#json.utf8(wire.bytes, wire.pos, end);
        return;
      }
    }
    wire.pos = start;
    const value = readAnyValue(wire, end, 0);
    this.#json.text(typeof value === "string" ? value : JSON.stringify(value));
  }

  /** The attributes by way of a map, where a key comes twice or it would take long to see: the last value of each. */
  #lastOfEach(wire: Wire): void {
    const json = this.#json;
    const attributes = new Map<string, string>();
    for (let i = 0; i < this.#pairs.length; i += 2) {
      wire.pos = this.#pairs[i]!;
      readKeyValue(wire, this.#pairs[i + 1]!, attributes);
    }
    json.raw(ATTRIBUTES);
    let isFirst = true;
    for (const [key, value] of attributes) {
      if (!isFirst) json.raw(COMMA);
      isFirst = false;
      json.text(key);
      json.raw(COLON);
      json.text(value);
    }
  }
}
