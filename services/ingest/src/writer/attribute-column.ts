import { RawTable, readAnyValue, type Slices, type Wire } from "@yunwei/otlp";
import { MapColumn, type NativeColumn, type StringColumn } from "@yunwei/store";

/*
 * KeyValue { 1 key string, 2 value AnyValue }      AnyValue { 1 string, 2 bool, 3 int64, 4 double ... }
 */

/** Distinct keys that are known by their bytes; a further one is written out where it stands. */
const MAX_KEYS = 50_000;
const TAG_KEY = 0x0a;
const TAG_VALUE = 0x12;
const decoder = new TextDecoder("utf-8"); // not fatal: what is not UTF-8 becomes U+FFFD

/** The column of attributes: keys by a number each, strings copied with their length as they stand, other values as text. */
export class AttributeColumn {
  readonly #map = new MapColumn();
  readonly #known = new RawTable(MAX_KEYS, 8 * 1024 * 1024);
  /** Code in the column's dictionary, by entry of `#known`. */
  readonly #codes: number[] = [];

  get column(): NativeColumn {
    return this.#map;
  }

  /** Adds the KeyValues `[from, to)` of `slices` as one row. */
  push(wire: Wire, slices: Slices, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#pair(wire, slices.starts[at]!, slices.ends[at]!);
    this.#map.end();
  }

  #pair(wire: Wire, start: number, end: number): void {
    const { bytes } = wire;
    const keyLength = bytes[start + 1]!;
    const at = start + 2 + keyLength;
    // As encoders write it: key, then value, lengths of one byte.
    if (bytes[start] === TAG_KEY && keyLength < 0x80 && at + 1 < end && bytes[at] === TAG_VALUE && bytes[at + 1]! < 0x80 && at + 2 + bytes[at + 1]! === end) {
      this.#key(wire, start + 2, at);
      pushAnyValue(this.#map.values, wire, at + 2, end);
      return;
    }
    this.#anyPair(wire, start, end);
  }

  #anyPair(wire: Wire, start: number, end: number): void {
    let keyStart = 0;
    let keyEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    wire.pos = start;
    while (wire.next(end)) {
      if (wire.field !== 1 && wire.field !== 2) {
        wire.skip(end);
        continue;
      }
      const sliceEnd = wire.sliceEnd(end);
      if (wire.field === 1) {
        keyStart = wire.pos;
        keyEnd = sliceEnd;
      } else {
        valueStart = wire.pos;
        valueEnd = sliceEnd;
      }
      wire.pos = sliceEnd;
    }
    this.#key(wire, keyStart, keyEnd);
    pushAnyValue(this.#map.values, wire, valueStart, valueEnd);
  }

  #key(wire: Wire, start: number, end: number): void {
    const known = this.#known.find(wire.view, 0, start, end);
    if (known >= 0) {
      this.#map.keys.push(this.#codes[known]!);
      return;
    }
    const text = decoder.decode(wire.bytes.subarray(start, end));
    const code = this.#map.keys.code(text);
    if (code < 0) {
      this.#map.keys.text(text);
      return;
    }
    const entry = this.#known.add(wire.view, 0, start, end);
    if (entry >= 0) this.#codes[entry] = code;
    this.#map.keys.push(code);
  }

  clear(): void {
    this.#map.clear();
  }
}

const TAG_STRING = 0x0a;
const TAG_INT = 0x18;

/** Adds the AnyValue `[start, end)` as text: a plain string is copied, digits are written in place, anything else is read; none is "". */
export function pushAnyValue(column: StringColumn, wire: Wire, start: number, end: number): void {
  const { bytes } = wire;
  wire.pos = start + 1;
  if (end - start >= 2 && bytes[start] === TAG_STRING) {
    wire.type = 2;
    if (wire.sliceEnd(end) === end) {
      column.prefixed(bytes, start + 1, wire.pos, end);
      return;
    }
  } else if (end - start >= 2 && bytes[start] === TAG_INT) {
    wire.varint(end);
    const value = wire.signed();
    if (wire.pos === end && Number.isSafeInteger(value)) {
      column.integer(value);
      return;
    }
  }
  wire.pos = start;
  const value = readAnyValue(wire, end, 0);
  if (typeof value === "string" || typeof value === "boolean") column.text(String(value));
  else column.once(JSON.stringify(value));
}
