/** A 64-bit number as protobufjs takes it without loss. */
export interface Lanes64 {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** Unix milliseconds (fractions down to a microsecond) as nanoseconds for a fixed64 field. */
export function unixNano(ms: number): Lanes64 {
  const nano = BigInt(Math.round(ms * 1000)) * 1000n;
  return { low: Number(nano & 0xffffffffn) | 0, high: Number(nano >> 32n) | 0, unsigned: true };
}

/** Attributes with string values as KeyValue messages, in the order of the object. */
export function stringAttributes(values: Readonly<Record<string, string>>): { key: string; value: { stringValue: string } }[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** What an attribute may be here; a number is an int where it is whole, else a double. */
export type Attribute = string | number | boolean;

/** Attributes of any simple type as KeyValue messages, in the order of the object. */
export function attributesOf(values: Readonly<Record<string, Attribute>>): { key: string; value: object }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Attribute): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
}
