import { rm } from "node:fs/promises";
import { FAULT_KINDS, type FaultKind, openDemo, runDemo } from "@yunwei/testkit";
import type { Bench } from "../bench.ts";
import { atLeast, type BenchRow } from "../bench-row.ts";

const SEEDS: readonly number[] = [1, 2, 3, 4];
const SHORT_SEEDS: readonly number[] = [1];
const SHORT_KINDS: readonly FaultKind[] = ["db-lock", "surge"];

/** One run of the demo, judged by its own truth. */
export interface JudgedRun {
  readonly fault: FaultKind;
  readonly seed: number;
  readonly right: boolean;
}

/** How often the cause of a fault in the simulated estate is named rightly, over all kinds and several seeds; about 35 s a run. */
export const causesBench: Bench = {
  name: "causes",
  title: "share of rightly named causes over all kinds of faults and seeds 1-4 of the simulated estate",
  run: async ({ short, tell }) => {
    const runs: JudgedRun[] = [];
    for (const seed of short ? SHORT_SEEDS : SEEDS) {
      for (const fault of short ? SHORT_KINDS : FAULT_KINDS) {
        const right = await judge(fault, seed);
        tell(`${fault} with seed ${seed}: ${right ? "right" : "WRONG"}`);
        runs.push({ fault, seed, right });
      }
    }
    return causeRows(runs);
  },
};

async function judge(fault: FaultKind, seed: number): Promise<boolean> {
  const { standalone, api, simulator, dataFolder } = await openDemo(seed);
  const silent = (): void => undefined;
  try {
    return (await runDemo(standalone, api, simulator, fault, { history: silent, injected: silent, step: silent })).right;
  } finally {
    await standalone.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** A row a kind, and one each for faults (a cause must be named) and for healthy and overloaded estates (none may be). */
export function causeRows(runs: readonly JudgedRun[]): BenchRow[] {
  const share = (some: readonly JudgedRun[]): number => (some.length === 0 ? Number.NaN : some.filter(({ right }) => right).length / some.length);
  const isFault = ({ fault }: JudgedRun): boolean => fault !== "none" && fault !== "surge";
  const kinds = [...new Set(runs.map(({ fault }) => fault))];
  return [
    ...kinds.map((kind) => atLeast(`${kind}.right`, share(runs.filter(({ fault }) => fault === kind)), "1", 1)),
    atLeast("faults.right", share(runs.filter(isFault)), "1", 8 / 12),
    atLeast("no_fault.none_named", share(runs.filter((run) => !isFault(run))), "1", 1),
  ];
}
