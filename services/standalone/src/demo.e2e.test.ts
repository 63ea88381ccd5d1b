import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ApiClient,
  buildEstate,
  type DemoResult,
  EstateSimulator,
  estateTopology,
  FAULT_STEPS,
  type FaultKind,
  HISTORY_STEPS,
  runDemo,
  spawnStandalone,
} from "@yunwei/testkit";
import { describe, expect, it } from "vitest";

const QUIET = { history: () => undefined, injected: () => undefined, step: () => undefined };
const STEP_MS = 15_000;

async function demo(fault: FaultKind, seed: number): Promise<DemoResult> {
  const dataFolder = await mkdtemp(join(tmpdir(), "yunwei-e2e-"));
  const estate = buildEstate({ seed });
  await writeFile(join(dataFolder, "topology.yaml"), estateTopology(estate).yaml);
  const standalone = await spawnStandalone({ dataFolder });
  try {
    const simulator = new EstateSimulator(estate, {
      startMs: Math.floor(Date.now() / STEP_MS) * STEP_MS - (HISTORY_STEPS + FAULT_STEPS + 4) * STEP_MS,
      stepMs: STEP_MS,
    });
    return await runDemo(standalone, await ApiClient.signIn(standalone), simulator, fault, QUIET);
  } finally {
    await standalone.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** The whole line with a known truth; all kinds and more seeds are `npm run bench -- demo`. */
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
