import fc from "fast-check";
import { expect, it } from "vitest";
import { partitionOfKey } from "./partition-of-key.ts";

it("stays in range and is the same every time", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (key, partitions) => {
      const partition = partitionOfKey(key, partitions);
      expect(partition).toBe(partitionOfKey(key, partitions));
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
    }),
  );
});

it("spreads keys over the partitions", () => {
  const counts = new Array<number>(8).fill(0);
  for (let i = 0; i < 8_000; i++) counts[partitionOfKey(`host-${i}`, 8)]!++;
  expect(Math.min(...counts)).toBeGreaterThan(700);
});
