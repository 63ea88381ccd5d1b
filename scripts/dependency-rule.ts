import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./steps.ts";

/** Fewer modules than this and the tool has read the wrong thing: it passes on nothing otherwise. */
const LEAST_MODULES = 150;

const result = spawnSync(
  process.execPath,
  [
    join(ROOT, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs"),
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    "schemas/src",
    "packages",
    "services",
    "dashboards/src",
    "bench/src",
  ],
  { cwd: ROOT, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
);
const { summary } = JSON.parse(result.stdout) as {
  summary: { totalCruised: number; violations: readonly { from: string; to: string; rule: { name: string; severity: string } }[] };
};
for (const { from, to, rule } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (summary.totalCruised < LEAST_MODULES)
  console.error(`only ${summary.totalCruised} modules were read, at least ${LEAST_MODULES} are there: the dependency rule proves nothing`);
const broken = summary.violations.length > 0 || summary.totalCruised < LEAST_MODULES;
if (!broken) console.log(`dependency rule holds over ${summary.totalCruised} modules`);
process.exit(broken ? 1 : 0);
