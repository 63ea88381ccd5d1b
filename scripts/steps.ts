import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");

/** Ours must not phone home; tools that would are told not to. */
const QUIET = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", DO_NOT_TRACK: "1" };

/** Runs a tool of node_modules/.bin with the project's own Node.js first in PATH; true when it ends well. */
export function runTool(name: string, ...parameters: string[]): boolean {
  const { status } = spawnSync(join(BIN, name), parameters, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...QUIET, PATH: `${dirname(process.execPath)}:${BIN}:${process.env["PATH"] ?? ""}` },
  });
  return status === 0;
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs vitest projects and counts from its own report; a suite that could not even be loaded counts as one failure. */
export function runVitest(...projects: string[]): Counts {
  const report = join(ROOT, ".cache", `vitest-${projects.join("-")}.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const selected = projects.flatMap((project) => ["--project", project]);
  const ended = runTool("vitest", "run", ...selected, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`);
  let counts: Counts;
  try {
    const read = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
    const unloaded = read.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0).length;
    counts = { passed: read.numPassedTests, failed: read.numFailedTests + unloaded, skipped: read.numPendingTests + read.numTodoTests };
  } catch {
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  if (!ended && counts.failed === 0) counts.failed = 1;
  if (counts.passed === 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Lint, types, the one-way rule, unused code: each counts as one. */
export const STATIC_CHECKS: readonly { readonly name: string; readonly run: () => boolean }[] = [
  { name: "lint", run: () => runTool("biome", "check", ".") },
  { name: "types", run: () => runTool("tsc", "-p", "tsconfig.json") && runTool("tsc", "-p", "services/console/tsconfig.web.json") },
  { name: "dependency rule", run: () => runTool("node", "scripts/dependency-rule.ts") },
  { name: "unused code", run: () => runTool("knip") },
];
