import { rm } from "node:fs/promises";
import { type DemoResult, type FaultKind, type Moment, openDemo, runDemo } from "@yunwei/testkit";
import type { Bench } from "../bench.ts";
import { atLeast, type BenchRow, informative } from "../bench-row.ts";
import { median } from "../median.ts";

const SEED = 1;
const KINDS: readonly FaultKind[] = ["db-lock", "cpu", "process-crash", "link-down", "bad-deploy", "network-delay"];
const SHORT_KINDS: readonly FaultKind[] = ["db-lock"];

/** From an injected fault of the simulated estate to what people get, in the estate's own time: 15 s steps, so no figure is finer. */
export const latencyBench: Bench = {
  name: "latency",
  title: "from the injected fault to the firing alert, the named cause and the notification, in seconds of the simulated estate",
  run: async ({ short, tell }) => {
    const results: DemoResult[] = [];
    for (const kind of short ? SHORT_KINDS : KINDS) {
      const result = await measure(kind);
      tell(`${kind}: ${result.right ? "right" : "wrong"}`);
      results.push(result);
    }
    return latencyRows(results);
  },
};

async function measure(kind: FaultKind): Promise<DemoResult> {
  const { standalone, api, simulator, dataFolder } = await openDemo(SEED);
  const silent = (): void => undefined;
  try {
    return await runDemo(standalone, api, simulator, kind, { history: silent, injected: silent, step: silent });
  } finally {
    await standalone.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** Rows of some runs: each moment of each kind, their medians, and the share of right answers. */
export function latencyRows(results: readonly Pick<DemoResult, "fault" | "right" | "firingAlert" | "namedCause" | "notification">[]): BenchRow[] {
  const seconds = (moment: Moment | undefined): number => moment?.simulated ?? Number.NaN;
  const rows = results.flatMap(({ fault, firingAlert, namedCause, notification }) => [
    informative(`${fault}.to_firing_alert`, seconds(firingAlert), "s"),
    informative(`${fault}.to_named_cause`, seconds(namedCause), "s"),
    informative(`${fault}.to_notification`, seconds(notification), "s"),
  ]);
  const known = (pick: (result: (typeof results)[number]) => Moment | undefined): number =>
    median(results.map((result) => seconds(pick(result))).filter((value) => !Number.isNaN(value)));
  return [
    ...rows,
    informative(
      "median.to_firing_alert",
      known(({ firingAlert }) => firingAlert),
      "s",
    ),
    informative(
      "median.to_named_cause",
      known(({ namedCause }) => namedCause),
      "s",
    ),
    informative(
      "median.to_notification",
      known(({ notification }) => notification),
      "s",
    ),
    atLeast("right_causes", results.filter(({ right }) => right).length / results.length, "1", 1),
  ];
}
