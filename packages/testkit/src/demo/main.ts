import { rm, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type EstateSimulator, FAULT_KINDS, isFaultKind } from "../estate/index.ts";
import { incidentCard } from "../standalone/incident-card.ts";
import { sendOtlp } from "../standalone/otlp-sender.ts";
import type { SpawnedStandalone } from "../standalone/spawn-standalone.ts";
import { isNamed, runDemo } from "./demo-run.ts";
import { verdictText } from "./demo-text.ts";
import { DEMO_STEP_MS, openDemo } from "./open-demo.ts";

const HELP = `Breaks something in a simulated estate of 16 sites and shows what Yunwei makes of it.

  npm run demo                           the default fault with seed 1
  npm run demo -- --fault KIND           one of: ${FAULT_KINDS.join(", ")}
  npm run demo -- --seed N               another estate and another victim
  npm run demo -- --json FILE            write what was found
  npm run demo -- --keep                 leave the standalone running, to look around; Ctrl-C stops it
  npm run demo -- --list                 print the kinds

Ends with 0 when the right cause is named (none for surge and none), else with 1.
`;

const DEFAULT_FAULT = "db-lock";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    fault: { type: "string", default: DEFAULT_FAULT },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.list) console.log(FAULT_KINDS.join("\n"));
else process.exit(await demo());

async function demo(): Promise<number> {
  const seed = Number(values.seed);
  const { fault } = values;
  if (!Number.isSafeInteger(seed) || seed < 0) return complain(`--seed ${values.seed} is not a whole number`);
  if (!isFaultKind(fault)) return complain(`--fault ${fault} is not known: one of ${FAULT_KINDS.join(", ")}`);
  const begun = performance.now();
  const { dataFolder, standalone, api, simulator } = await openDemo(seed, (estate, folder) =>
    console.log(
      `estate ${seed}: ${estate.sites.length} sites, ${estate.machines.length} machines, ${estate.services.length} services; data in ${folder}\nstarting a fresh standalone ...`,
    ),
  );
  process.once("SIGINT", () => void standalone.stop().then(() => process.exit(130)));
  try {
    console.log(`  console ${standalone.console}  (admin / ${standalone.password})`);
    const result = await runDemo(standalone, api, simulator, fault, {
      history: (done, all) => progress(`healthy telemetry ${done}/${all} steps of 15 s`, done === all),
      injected: (truth) => console.log(`injected ${fault}${truth.entity === undefined ? "" : ` on ${truth.entity}`}; watching ...`),
      step: (done, all, incidents) =>
        progress(
          `  ${done * 15} s of at most ${all * 15} s after it: ${incidents.length} incident(s), ${incidents.filter(isNamed).length} with a named cause`,
          done === all,
        ),
    });
    console.log("\n");
    for (const incident of result.incidents) console.log(`${incidentCard(incident, standalone)}\n`);
    console.log(verdictText(result));
    const seconds = Math.round((performance.now() - begun) / 1000);
    console.log(`\n${seconds} s from the command to here`);
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify({ seed, seconds, dataFolder, console: standalone.console, ...result }, undefined, 2)}\n`);
    if (values.keep) {
      console.log(`\nleft running, and the estate goes on living: ${standalone.console}  (admin / ${standalone.password}); Ctrl-C stops it`);
      await Promise.race([standalone.ended, liveOn(standalone, simulator)]);
    }
    return result.right ? 0 : 1;
  } finally {
    await standalone.stop();
    if (values.keep) console.log(`look again with: npm start -- --data ${dataFolder}`);
    else await rm(dataFolder, { recursive: true, force: true });
  }
}

/** Catches the simulated clock up with ours, then goes on at its pace; ends when the standalone does. */
async function liveOn(standalone: SpawnedStandalone, simulator: EstateSimulator): Promise<void> {
  for (;;) {
    const aheadMs = simulator.nowMs + DEMO_STEP_MS - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(aheadMs, 100)));
    if (standalone.child.exitCode !== null || standalone.child.signalCode !== null) return;
    await Promise.all(simulator.step().map(({ signal, body }) => sendOtlp(standalone, signal, body)));
  }
}

function complain(text: string): number {
  console.error(`yunwei demo: ${text}`);
  return 2;
}

/** One line that is overwritten on a terminal; elsewhere only its last state is printed. */
function progress(text: string, last: boolean): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}${last ? "\n" : ""}`);
  else if (last) console.log(text);
}
