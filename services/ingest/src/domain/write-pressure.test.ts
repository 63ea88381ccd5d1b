import { describe, expect, it } from "vitest";
import { WritePressure } from "./write-pressure.ts";

const refused = (engineCode: number): (() => Promise<never>) => {
  return () => Promise.reject(Object.assign(new Error("engine"), { details: { engineCode } }));
};
const ok = (): Promise<void> => Promise.resolve();

describe("WritePressure", () => {
  it("makes batches larger and fewer at once while there are too many parts, and goes back step by step", async () => {
    const pressure = new WritePressure(3);
    expect([pressure.level, pressure.concurrency, pressure.batch(0).lingerMs]).toEqual([0, 3, 1000]);
    for (let i = 0; i < 9; i++) await expect(pressure.run(refused(252))).rejects.toThrow("engine");
    expect([pressure.level, pressure.concurrency, pressure.batch(0)]).toEqual([4, 1, { messages: 16_000, bytes: 32 * 1024 * 1024, lingerMs: 16_000 }]);
    for (let i = 0; i < 20; i++) await pressure.run(ok);
    expect([pressure.level, pressure.batch(0).lingerMs]).toEqual([3, 8000]);
    for (let i = 0; i < 60; i++) await pressure.run(ok);
    expect([pressure.level, pressure.concurrency, pressure.batch(0).lingerMs]).toEqual([0, 3, 1000]);
  });

  it("waits longer for a batch where the one before was large", () => {
    const pressure = new WritePressure(3);
    expect([pressure.batch(1000).lingerMs, pressure.batch(2 * 1024 * 1024).lingerMs]).toEqual([1000, 2500]);
  });

  it("takes less at once, not more, when the engine's memory is short; other errors change nothing", async () => {
    const pressure = new WritePressure(3);
    await expect(pressure.run(refused(241))).rejects.toThrow();
    expect([pressure.level, pressure.concurrency, pressure.batch(0).messages]).toEqual([1, 1, 4000]);
    await expect(pressure.run(refused(60))).rejects.toThrow();
    await expect(pressure.run(() => Promise.reject(new Error("other")))).rejects.toThrow("other");
    expect(pressure.level).toBe(1);
  });

  it("never runs more at once than it says, and forgets nobody who waits", async () => {
    const pressure = new WritePressure(2);
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, () => pressure.run(work)));
    expect([most, running]).toEqual([2, 0]);
  });
});
