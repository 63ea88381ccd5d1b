import type { WireWriter } from "./wire-writer.ts";

/*
 * KeyValue { 1 key string, 2 value AnyValue { 1 string, 3 int64, 4 double } }
 */

/** Attributes to be written; whole numbers become integers. */
export type OutgoingAttributes = Readonly<Record<string, string | number>>;

/** Writes each as a KeyValue of `field`, in the order of the object. */
export function writeAttributes(out: WireWriter, field: number, attributes: OutgoingAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const pair = out.open(field);
    out.text(1, name);
    const any = out.open(2);
    if (typeof value === "string") out.text(1, value);
    else if (Number.isSafeInteger(value)) out.signed64(3, value);
    else out.double(4, value);
    out.close(any);
    out.close(pair);
  }
}
