import type { Wire } from "./wire.ts";

/*
 * opentelemetry.proto.common.v1
 *   KeyValue     { 1 key string, 2 value AnyValue }
 *   AnyValue     { 1 string, 2 bool, 3 int64, 4 double, 5 ArrayValue, 6 KeyValueList, 7 bytes }
 *   ArrayValue   { 1 values AnyValue }        KeyValueList { 1 values KeyValue }
 */

/** Attributes of one set over this many are refused with the item they belong to. */
export const MAX_ATTRIBUTES = 1024;
/** Nested values deeper than this are cut off with "…". */
const MAX_DEPTH = 16;

const decoder = new TextDecoder("utf-8"); // not fatal: what is not UTF-8 becomes U+FFFD

/** Text of the slice; bytes that are not UTF-8 become U+FFFD. */
export function textOf(wire: Wire, start: number, end: number): string {
  return decoder.decode(wire.bytes.subarray(start, end));
}

/** Reads the KeyValue `[pos, end)` into `into`; the last value of a repeated key wins. Non-strings become text, nested values JSON. */
export function readKeyValue(wire: Wire, end: number, into: Map<string, string>): void {
  let key = "";
  let value = "";
  while (wire.next(end)) {
    if (wire.field === 1) {
      const keyEnd = wire.sliceEnd(end);
      key = textOf(wire, wire.pos, keyEnd);
      wire.pos = keyEnd;
    } else if (wire.field === 2) {
      const valueEnd = wire.sliceEnd(end);
      const any = readAnyValue(wire, valueEnd, 0);
      value = typeof any === "string" ? any : JSON.stringify(any);
    } else wire.skip(end);
  }
  into.set(key, value);
}

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

/** The AnyValue `[pos, end)`: strings and bytes (hex) as text, 64-bit integers beyond 2^53 as text, an empty value as "". */
export function readAnyValue(wire: Wire, end: number, depth: number): Plain {
  let out: Plain = "";
  while (wire.next(end)) {
    switch (wire.field) {
      case 1: {
        const textEnd = wire.sliceEnd(end);
        out = textOf(wire, wire.pos, textEnd);
        wire.pos = textEnd;
        break;
      }
      case 2:
        out = wire.number(end) !== 0;
        break;
      case 3: {
        wire.number(end);
        const value = wire.signed();
        out = Number.isSafeInteger(value) ? value : BigInt.asIntN(64, wire.bigUnsigned()).toString();
        break;
      }
      case 4: {
        const value = wire.double(end);
        out = Number.isFinite(value) ? value : String(value);
        break;
      }
      case 5:
        out = readList(wire, wire.sliceEnd(end), depth + 1);
        break;
      case 6:
        out = readObject(wire, wire.sliceEnd(end), depth + 1);
        break;
      case 7: {
        const bytesEnd = wire.sliceEnd(end);
        out = Buffer.from(wire.bytes.subarray(wire.pos, bytesEnd)).toString("hex");
        wire.pos = bytesEnd;
        break;
      }
      default:
        wire.skip(end);
    }
  }
  return out;
}

function readList(wire: Wire, end: number, depth: number): Plain {
  if (depth > MAX_DEPTH) {
    wire.pos = end;
    return "…";
  }
  const out: Plain[] = [];
  while (wire.next(end)) {
    if (wire.field === 1) out.push(readAnyValue(wire, wire.sliceEnd(end), depth));
    else wire.skip(end);
  }
  return out;
}

function readObject(wire: Wire, end: number, depth: number): Plain {
  if (depth > MAX_DEPTH) {
    wire.pos = end;
    return "…";
  }
  const out: { [key: string]: Plain } = Object.create(null) as { [key: string]: Plain };
  while (wire.next(end)) {
    if (wire.field !== 1) {
      wire.skip(end);
      continue;
    }
    const pairEnd = wire.sliceEnd(end);
    let key = "";
    let value: Plain = "";
    while (wire.next(pairEnd)) {
      if (wire.field === 1) {
        const keyEnd = wire.sliceEnd(pairEnd);
        key = textOf(wire, wire.pos, keyEnd);
        wire.pos = keyEnd;
      } else if (wire.field === 2) value = readAnyValue(wire, wire.sliceEnd(pairEnd), depth);
      else wire.skip(pairEnd);
    }
    out[key] = value;
  }
  return out;
}

/** Walks the KeyValue `[pos, end)` as `readKeyValue` would, keeping nothing: what passes here cannot fail there. @throws YunweiError YUNWEI_OTLP_INVALID */
export function checkKeyValue(wire: Wire, end: number, depth = 0): void {
  if (isPlainPair(wire.bytes, wire.pos, end)) {
    wire.pos = end;
    return;
  }
  while (wire.next(end)) {
    if (wire.field === 1) wire.pos = wire.sliceEnd(end);
    else if (wire.field === 2) checkAnyValue(wire, wire.sliceEnd(end), depth);
    else wire.skip(end);
  }
}

/** Walks the AnyValue `[pos, end)` as `readAnyValue` would, keeping nothing. @throws YunweiError YUNWEI_OTLP_INVALID */
export function checkAnyValue(wire: Wire, end: number, depth = 0): void {
  while (wire.next(end)) {
    switch (wire.field) {
      case 1:
      case 7:
        wire.pos = wire.sliceEnd(end);
        break;
      case 2:
      case 3:
        wire.number(end);
        break;
      case 4:
        wire.double(end);
        break;
      case 5:
        checkNested(wire, wire.sliceEnd(end), depth + 1, checkAnyValue);
        break;
      case 6:
        checkNested(wire, wire.sliceEnd(end), depth + 1, checkKeyValue);
        break;
      default:
        wire.skip(end);
    }
  }
}

function checkNested(wire: Wire, end: number, depth: number, check: (wire: Wire, end: number, depth: number) => void): void {
  if (depth > MAX_DEPTH) {
    wire.pos = end;
    return;
  }
  while (wire.next(end)) {
    if (wire.field === 1) check(wire, wire.sliceEnd(end), depth);
    else wire.skip(end);
  }
}

/**
 * Whether `[start, end)` is a KeyValue as encoders write it, with a value that needs no look inside:
 * 0a length key 12 length (0a length string | 10 bool | 18 varint | 21 double), lengths of one byte.
 */
export function isPlainPair(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6 || bytes[start] !== 0x0a) return false;
  const keyLength = bytes[start + 1]!;
  const at = start + 2 + keyLength;
  if (keyLength >= 0x80 || at + 4 > end || bytes[at] !== 0x12) return false;
  const valueLength = bytes[at + 1]!;
  if (valueLength >= 0x80 || at + 2 + valueLength !== end) return false;
  const tag = bytes[at + 2];
  if (tag === 0x0a) return bytes[at + 3]! + 2 === valueLength;
  if (tag === 0x21) return valueLength === 9;
  return (tag === 0x10 || tag === 0x18) && valueLength === 2 && bytes[at + 3]! < 0x80;
}
