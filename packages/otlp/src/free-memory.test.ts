import { expect, it } from "vitest";
import { freeMemory } from "./free-memory.ts";

it("gives back memory of one's own, and never that of Node's pool, where others have a part", () => {
  const own = new Uint8Array(20_000);
  const other = own.subarray(10, 20);
  freeMemory(other);
  expect([own.length, other.length]).toEqual([0, 0]);
  const pooled = Buffer.from("a part of the pool");
  expect(pooled.buffer.byteLength).toBe(Buffer.poolSize);
  freeMemory(pooled);
  expect(pooled.toString()).toBe("a part of the pool");
});
