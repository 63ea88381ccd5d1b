import { describe, expect, it } from "vitest";
import { CHUNK_RECORDS, RecordTable } from "./record-table.ts";

describe("RecordTable", () => {
  it("gives every slot a record of its own, over chunks, and zeroed ones again", () => {
    const table = new RecordTable(4);
    const count = CHUNK_RECORDS * 2 + 5;
    for (let i = 0; i < count; i++) {
      const slot = table.allocate();
      expect(slot).toBe(i);
      table.chunkOf(slot).f64.fill(i + 1, table.base(slot), table.base(slot) + 4);
    }
    for (const slot of [0, CHUNK_RECORDS - 1, CHUNK_RECORDS, count - 1]) expect(table.chunkOf(slot).f64[table.base(slot) + 3]).toBe(slot + 1);
    table.free(7);
    expect(table.used).toBe(count - 1);
    expect(table.allocate()).toBe(7);
    expect([...table.chunkOf(7).f64.subarray(table.base(7), table.base(7) + 4)]).toEqual([0, 0, 0, 0]);
    expect(table.chunkOf(8).f64[table.base(8)]).toBe(9);
    expect(table.bytes).toBe(3 * CHUNK_RECORDS * 4 * 8);
  });

  it("shows the same bytes as doubles and as floats", () => {
    const table = new RecordTable(2);
    const { f64, f32 } = table.chunkOf(table.allocate());
    f32[2] = 1.5;
    expect(f64[1]).not.toBe(0);
    expect(f64[0]).toBe(0);
  });
});
