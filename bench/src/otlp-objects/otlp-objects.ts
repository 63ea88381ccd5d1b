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
