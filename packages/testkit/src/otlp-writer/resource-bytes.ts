import { WireBuffer } from "./wire-buffer.ts";

/** Attribute values that the writer can express; integers become OTLP int values, other numbers doubles. */
type AttributeValue = string | number | boolean;
export type Attributes = Readonly<Record<string, AttributeValue>>;

const VALUE_STRING = 1;
const VALUE_BOOL = 2;
const VALUE_INT = 3;
const VALUE_DOUBLE = 4;

function anyValue(value: AttributeValue): Uint8Array {
  const out = new WireBuffer(64);
  if (typeof value === "string") out.stringField(VALUE_STRING, value);
  else if (typeof value === "boolean") out.varintField(VALUE_BOOL, value ? 1 : 0);
  else if (Number.isSafeInteger(value) && value >= 0) out.varintField(VALUE_INT, value);
  else out.doubleField(VALUE_DOUBLE, value);
  return out.take();
}

/** KeyValue messages of a map, each as a length-delimited field `field`, in the map's own order. */
export function encodeAttributes(field: number, attributes: Attributes): Uint8Array {
  const out = new WireBuffer(256);
  for (const [key, value] of Object.entries(attributes)) {
    const pair = new WireBuffer(128);
    pair.stringField(1, key);
    pair.bytesField(2, anyValue(value));
    out.bytesField(field, pair.take());
  }
  return out.take();
}

/** The whole `resource` field (number 1 in ResourceMetrics, ResourceSpans and ResourceLogs alike). */
export function encodeResourceField(attributes: Attributes): Uint8Array {
  const out = new WireBuffer(512);
  out.bytesField(1, encodeAttributes(1, attributes));
  return out.take();
}

/** The whole `scope` field (number 1 in ScopeMetrics, ScopeSpans and ScopeLogs alike). */
export function encodeScopeField(name: string, version: string): Uint8Array {
  const scope = new WireBuffer(64);
  scope.stringField(1, name);
  scope.stringField(2, version);
  const out = new WireBuffer(64);
  out.bytesField(1, scope.take());
  return out.take();
}
