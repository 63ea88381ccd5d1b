import { describe, expect, it } from "vitest";
import { cpuSeconds, memoryUse, parseRollup, parseStat, processTree } from "./process-usage.ts";

describe("parseStat", () => {
  it("counts fields from the last parenthesis: a name may hold anything", () => {
    const line = "42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 150 50 9 9 20 0 4 0 100 1000 10 18446744073709551615";
    expect(parseStat(line)).toEqual({ parent: 7, ticks: 200, endedTicks: 18 });
  });
});

describe("parseRollup", () => {
  it("reads the sums, and nothing from nothing", () => {
    const text = "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:              2048 kB\nPss:              1024 kB\nPss_Dirty:         512 kB\n";
    expect(parseRollup(text)).toEqual({ rssBytes: 2 * 2 ** 20, pssBytes: 2 ** 20 });
    expect(parseRollup("")).toBeUndefined();
  });
});

describe("of this process", () => {
  it("CPU goes up, memory is there, and it is its own tree", async () => {
    const before = await cpuSeconds(process.pid);
    for (const begun = performance.now(); performance.now() - begun < 60; );
    expect(await cpuSeconds(process.pid)).toBeGreaterThan(before);
    expect((await memoryUse([process.pid])).rssBytes).toBeGreaterThan(2 ** 20);
    expect(await processTree(process.pid)).toContain(process.pid);
    expect(await memoryUse([2 ** 30])).toEqual({ rssBytes: 0, pssBytes: 0, processes: 0 });
  });
});
