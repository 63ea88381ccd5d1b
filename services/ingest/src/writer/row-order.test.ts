import fc from "fast-check";
import { expect, it } from "vitest";
import { RowOrder } from "./row-order.ts";

it("is a stable sort by several keys, the one given last first", () => {
  const order = new RowOrder(); // one for all: arrays are used again
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.nat(3000)), { maxLength: 200 }), (rows) => {
      const column = (at: 0 | 1 | 2) => Uint32Array.from(rows, (row) => row[at]);
      order.reset(rows.length);
      order.by(column(2), 3000);
      order.by(column(1), 2 ** 31 - 1);
      order.by(column(0), 5);
      const want = rows
        .map((row, index) => ({ row, index }))
        .sort((a, b) => a.row[0] - b.row[0] || a.row[1] - b.row[1] || a.row[2] - b.row[2] || a.index - b.index);
      expect([...order.order.subarray(0, order.rows)]).toEqual(want.map(({ index }) => index));
    }),
  );
});
