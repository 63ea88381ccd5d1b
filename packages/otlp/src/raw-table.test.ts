import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RawTable } from "./raw-table.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** find or add, as its users do. */
function entryOf(table: RawTable, context: number, first: string, second = ""): number {
  const a = bytesOf(first);
  const b = bytesOf(second);
  const view = viewOf(Uint8Array.of(9, ...a, 7, ...b));
  const places = [1, 1 + a.length, 2 + a.length, 2 + a.length + b.length] as const;
  const known = table.find(view, context, ...places);
  return known >= 0 ? known : table.add(view, context, ...places);
}

describe("RawTable", () => {
  it("is a map from (context, first piece, second piece) to the order of first sight", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.string({ maxLength: 9 }), fc.constantFrom("", "x", "yy")), { maxLength: 300 }), (keys) => {
        const table = new RawTable(1000);
        const model = new Map<string, number>();
        for (const [context, first, second] of [...keys, ...keys]) {
          const key = JSON.stringify([context, first, second]);
          if (!model.has(key)) model.set(key, model.size);
          expect(entryOf(table, context, first, second)).toBe(model.get(key));
        }
        expect(table.size).toBe(model.size);
      }),
    );
  });

  it("tells ('ab','c') from ('a','bc')", () => {
    const table = new RawTable(10);
    expect([entryOf(table, 0, "ab", "c"), entryOf(table, 0, "a", "bc"), entryOf(table, 0, "abc")]).toEqual([0, 1, 2]);
  });

  it("guesses the next of a known order, and only within the bytes that are there", () => {
    const table = new RawTable(10);
    entryOf(table, 1, "first");
    entryOf(table, 1, "second");
    entryOf(table, 1, "first");
    const view = viewOf(bytesOf("second and more"));
    expect(table.follows(view, 1, 0, 5)).toBe(-1);
    expect(table.follows(view, 2, 0, 15)).toBe(-1);
    expect(table.follows(view, 1, 0, 15)).toBe(6);
    expect(table.last).toBe(1);
    expect(table.follows(view, 1, 0, 15)).toBe(-1);
  });

  it("says no when it is full, in entries or in bytes", () => {
    const few = new RawTable(1);
    expect([entryOf(few, 0, "a"), entryOf(few, 0, "b"), entryOf(few, 0, "a")]).toEqual([0, -1, 0]);
    const small = new RawTable(100, 8);
    expect([entryOf(small, 0, "12345"), entryOf(small, 0, "6789"), entryOf(small, 0, "678")]).toEqual([0, -1, 1]);
  });

  it("keeps a hundred thousand apart", () => {
    const table = new RawTable(200_000);
    for (let i = 0; i < 100_000; i++) expect(entryOf(table, i % 3, `series ${i}`)).toBe(i);
    for (const i of [0, 99_999, 5, 77_777]) expect(entryOf(table, i % 3, `series ${i}`)).toBe(i);
  });
});
