import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEstate, type Estate, EstateSimulator, estateTopology } from "../estate/index.ts";
import { ApiClient } from "../standalone/api-client.ts";
import { type SpawnedStandalone, spawnStandalone } from "../standalone/spawn-standalone.ts";
import { FAULT_STEPS, HISTORY_STEPS } from "./demo-run.ts";

/** The simulated clock starts this far before now, so that nothing sent is ahead of the real one. */
const MARGIN_STEPS = 4;
/** Simulated time of one step. */
export const DEMO_STEP_MS = 15_000;

/** A simulated estate and a fresh standalone that knows its declared topology; nothing has been sent yet. */
export interface OpenDemo {
  readonly dataFolder: string;
  readonly estate: Estate;
  readonly standalone: SpawnedStandalone;
  readonly api: ApiClient;
  readonly simulator: EstateSimulator;
}

/** @param onFolder - told of the estate and its data folder before the start, which takes some seconds */
export async function openDemo(seed: number, onFolder: (estate: Estate, dataFolder: string) => void = () => undefined): Promise<OpenDemo> {
  const dataFolder = await mkdtemp(join(tmpdir(), "yunwei-demo-"));
  const estate = buildEstate({ seed });
  await writeFile(join(dataFolder, "topology.yaml"), estateTopology(estate).yaml);
  onFolder(estate, dataFolder);
  const standalone = await spawnStandalone({ dataFolder });
  try {
    const api = await ApiClient.signIn(standalone);
    const simulator = new EstateSimulator(estate, {
      startMs: Math.floor(Date.now() / DEMO_STEP_MS) * DEMO_STEP_MS - (HISTORY_STEPS + FAULT_STEPS + MARGIN_STEPS) * DEMO_STEP_MS,
      stepMs: DEMO_STEP_MS,
    });
    return { dataFolder, estate, standalone, api, simulator };
  } catch (error) {
    await standalone.stop();
    throw error;
  }
}
