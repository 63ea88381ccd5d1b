import fc from "fast-check";
import { expect, it } from "vitest";
import { ArrayColumn, FixedColumn } from "./fixed-column.ts";
import { MapColumn } from "./map-column.ts";
import { encodeBlock } from "./native-block.ts";
import { StringColumn } from "./string-column.ts";

/** Reads what encodeBlock wrote, independently: for one String and one UInt64 column. */
function readBlock(bytes: Uint8Array): { texts: string[]; numbers: bigint[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const length = varint();
    at += length;
    return Buffer.from(bytes.subarray(at - length, at)).toString("utf8");
  };
  const columns = varint();
  const rows = varint();
  expect(columns).toBe(2);
  expect([text(), text()]).toEqual(["t", "String"]);
  const texts = Array.from({ length: rows }, text);
  expect([text(), text()]).toEqual(["n", "UInt64"]);
  const numbers = Array.from({ length: rows }, () => {
    at += 8;
    return view.getBigUint64(at - 8, true);
  });
  expect(at).toBe(bytes.length);
  return { texts, numbers };
}

it("writes what an independent reader reads back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 300 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), { maxLength: 200 }),
      (rows) => {
        const columns = { t: new StringColumn(), n: new FixedColumn("UInt64", 8) };
        for (const [text, number] of rows) {
          columns.t.text(text);
          columns.n.lanes(Number(number >> 32n), Number(number & 0xffffffffn));
        }
        expect(readBlock(Buffer.concat(encodeBlock(columns)))).toEqual({ texts: rows.map(([text]) => text), numbers: rows.map(([, number]) => number) });
      },
    ),
  );
});

it("writes texts that come once, and whole numbers as texts, as it writes others", () => {
  const pushed = fc.oneof(
    fc.record({ once: fc.string({ unit: "grapheme", maxLength: 300 }) }),
    fc.record({ once: fc.string({ unit: "grapheme-ascii", maxLength: 300 }) }),
    fc.record({
      integer: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(0, -0, 9, 10, 99, 100, 2 ** 53 - 1, 1 - 2 ** 53)),
    }),
  );
  fc.assert(
    fc.property(fc.array(pushed, { maxLength: 200 }), (rows) => {
      const columns = { t: new StringColumn(), n: new FixedColumn("UInt64", 8) };
      for (const row of rows) {
        if ("once" in row) columns.t.once(row.once);
        else columns.t.integer(row.integer);
        columns.n.i64(7);
      }
      expect(readBlock(Buffer.concat(encodeBlock(columns))).texts).toEqual(rows.map((row) => ("once" in row ? row.once : JSON.stringify(row.integer))));
    }),
  );
});

it("writes whole numbers of either sign as two's complement", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const column = new FixedColumn("Int64", 8);
      column.i64(value);
      const [bytes] = column.pieces();
      expect(new DataView(bytes!.buffer, bytes!.byteOffset).getBigInt64(0, true)).toBe(BigInt(value));
    }),
  );
});

it("refuses columns of unequal length", () => {
  const map = new MapColumn();
  map.map(new Map([["a", "b"]]));
  const array = new ArrayColumn("Float64", 8);
  expect(() => encodeBlock({ map, array })).toThrow(/array has 0 rows, 1 are wanted/);
});
