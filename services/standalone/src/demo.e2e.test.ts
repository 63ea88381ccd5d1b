import { rm } from "node:fs/promises";
import { type DemoResult, type FaultKind, openDemo, runDemo } from "@yunwei/testkit";
import { describe, expect, it } from "vitest";

const QUIET = { history: () => undefined, injected: () => undefined, step: () => undefined };

async function demo(fault: FaultKind, seed: number): Promise<DemoResult> {
  const { dataFolder, standalone, api, simulator } = await openDemo(seed);
  try {
    return await runDemo(standalone, api, simulator, fault, QUIET);
  } finally {
    await standalone.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** The whole line with a known truth; all kinds and more seeds are `npm run bench -- causes`. */
describe("a fault in the simulated estate", () => {
  it.each<[FaultKind, number]>([
    ["db-lock", 1],
    ["link-down", 2],
  ])("%s with seed %i becomes an incident with its cause, and somebody is told", async (fault, seed) => {
    const { right, named, notification, truth } = await demo(fault, seed);
    expect({ right, cause: named?.report?.causes[0]?.entity }).toEqual({
      right: true,
      cause: expect.stringMatching([truth.entity, ...truth.alternatives].join("|")),
    });
    expect(notification).toBeDefined();
    expect(named).toMatchObject({ state: "new", report: { verdict: "cause", confidence: expect.any(Number) } });
  });

  it("more traffic names no cause", async () => {
    const { right, named } = await demo("surge", 1);
    expect([right, named]).toEqual([true, undefined]);
  });
});
