import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { chaosJson, chaosTable, complaintsOf } from "./chaos-report.ts";
import { openClusterStage } from "./cluster-stage.ts";
import { type ChaosEvent, planEvents } from "./plan-events.ts";
import { runChaos } from "./run-chaos.ts";
import type { Stage } from "./stage.ts";
import { openStandaloneStage } from "./standalone-stage.ts";

const HELP = `Breaks things under load and counts: is anything lost or doubled?

  npm run chaos                        a minute on two gateways, two writers, Kafka and ClickHouse
  npm run chaos -- --seconds N         for N seconds (default 60)
  npm run chaos -- --seed S            another schedule; the same seed gives the same one (default 1)
  npm run chaos -- --scenario NAME     cluster (default) or standalone: all in one process on the embedded engines
  npm run chaos -- --rate N            items a second of each signal (default 500)
  npm run chaos -- --json FILE         write seed, events and counts as well
  npm run chaos -- --plan              print the schedule and do nothing
  npm run chaos -- --keep-logs         keep the logs of the processes and say where

Ctrl-C ends the run early, with the verdict on what was so far. It exits with 1 when anything is lost or doubled.
docs/operations/chaos.md says what is broken, and how to read the table.
`;

const SCENARIOS: Readonly<Record<string, (seconds: number) => Promise<Stage | { readonly skipped: string }>>> = {
  cluster: openClusterStage,
  standalone: openStandaloneStage,
};

try {
  process.exit(await main());
} catch (error) {
  console.error(`yunwei chaos: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      rate: { type: "string", default: "500" },
      scenario: { type: "string", default: "cluster" },
      json: { type: "string" },
      plan: { type: "boolean", default: false },
      "keep-logs": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const seconds = numberOf("--seconds", values.seconds, 10, 86_400);
  const seed = numberOf("--seed", values.seed, 0, 2 ** 32 - 1);
  const itemsPerSecond = numberOf("--rate", values.rate, 10, 100_000);
  const open = SCENARIOS[values.scenario];
  if (open === undefined) throw new Error(`${values.scenario} is no scenario; there are ${Object.keys(SCENARIOS).join(" and ")}`);
  const stop = stopOnSignal();
  console.log(`${values.scenario}, seed ${seed}, ${seconds} s: starting ...`);
  const stage = await open(seconds);
  if ("skipped" in stage) {
    console.log(`skipped: ${stage.skipped}`);
    return 0;
  }
  let failed = true;
  try {
    for (const reason of stage.leftOut) console.log(`left out: ${reason}`);
    const events = planEvents(seconds, seed, stage.possibilities);
    if (values.plan) {
      console.log(events.map(eventLine).join("\n"));
      failed = false;
      return 0;
    }
    const result = await runChaos(stage, { seconds, events, itemsPerSecond, stop, tell: (line) => console.log(line) });
    const complaints = complaintsOf(result);
    failed = complaints.length > 0;
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify(chaosJson(result, { scenario: values.scenario, seed, seconds }), undefined, 2)}\n`);
    console.log(`\n${chaosTable(result)}\n`);
    if (result.accounts === undefined) console.log("the writer has kept no books (ingest_accounting is empty): not compared");
    for (const crash of result.crashes) console.log(`ended by itself: ${crash.split("\n")[0]}`);
    for (const complaint of complaints) console.log(`NOT GOOD: ${complaint}`);
    console.log(failed ? `seed ${seed} has found something` : `nothing lost, nothing doubled (${result.events.length} events, seed ${seed})`);
    return failed ? 1 : 0;
  } finally {
    const logs = await stage.close(failed || values["keep-logs"]);
    if (logs !== undefined) console.log(`logs: ${logs}`);
  }
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw new Error(`${option} is a whole number from ${least} to ${most}, not ${text}`);
  return value;
}

/** The first signal ends the run, a later one the process; one Ctrl-C may arrive twice through npm. */
function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  let firstMs = 0;
  const onSignal = (): void => {
    if (stop.signal.aborted && Date.now() - firstMs > 1_000) process.exit(130);
    if (!stop.signal.aborted) {
      firstMs = Date.now();
      console.log("stopping: the verdict on what was so far follows; again to leave at once");
    }
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return stop.signal;
}

function eventLine({ atMs, act, target, forMs }: ChaosEvent): string {
  return `${(atMs / 1_000).toFixed(1).padStart(7)} s  ${act.padEnd(8)} ${target.padEnd(16)} for ${(forMs / 1_000).toFixed(1)} s`;
}
