import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chooseCases } from "./nezha/choose-cases.ts";
import { looksLikeNezha, nezhaSets } from "./nezha/nezha-files.ts";
import { loadNezhaSet } from "./nezha/nezha-set.ts";
import { type CaseOutcome, replayCase, summaryText } from "./nezha/replay-nezha.ts";
import { replayRecording } from "./otlp/replay-recording.ts";
import type { ReplayContext } from "./replay-context.ts";
import { parseReplayOptions, REPLAY_HELP, type ReplayOptions } from "./replay-options.ts";

const DEFAULT_DATA = "../shared/data";

const stopper = new AbortController();
process.once("SIGINT", () => {
  console.log("\nstopping; what was sent is finished first. Ctrl-C again ends at once.");
  stopper.abort();
  process.once("SIGINT", () => process.exit(130));
});

try {
  const options = parseReplayOptions(process.argv.slice(2));
  if (options.help) console.log(REPLAY_HELP);
  else await replay(options);
  process.exit(stopper.signal.aborted ? 130 : 0);
} catch (error) {
  console.error(`yunwei replay: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function replay(options: ReplayOptions): Promise<void> {
  const data = resolve(process.env["YUNWEI_DATA"] ?? DEFAULT_DATA);
  const path = resolve(options.path ?? join(data, "rca", "nezha"));
  if (!existsSync(path)) {
    const hint = options.path === undefined ? "; give a folder or file, or set YUNWEI_DATA to the folder of the data sets" : "";
    throw new Error(`${path} is not there${hint}`);
  }
  const context: ReplayContext = {
    speed: options.speed,
    dataFolder: options.data === undefined ? undefined : resolve(options.data),
    keep: options.keep,
    stop: stopper.signal,
    tell: (line) => console.log(line),
    progress,
  };
  const format = options.format ?? ((await looksLikeNezha(path)) ? "nezha" : "otlp");
  const found =
    format === "nezha"
      ? await replayNezha(path, options, context)
      : await replayRecording({ path, keepTime: options.keepTime, resume: options.resume }, context);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(found, undefined, 2)}\n`);
}

async function replayNezha(path: string, { namespaces, cases }: ReplayOptions, context: ReplayContext): Promise<CaseOutcome[]> {
  const files = (await nezhaSets(path)).filter(({ namespace }) => namespaces.includes(namespace));
  if (files.length === 0) throw new Error(`${path} has no nezha data of ${namespaces.join(" or ")}: ob-*.tar.gz, tt-*.tar.gz, or an unpacked rca_data folder`);
  console.log(`reading the nezha set in ${path} ...`);
  const sets = [];
  for (const one of files) sets.push(await loadNezhaSet(one));
  const chosen = chooseCases(sets, cases);
  const outcomes: CaseOutcome[] = [];
  for (const [at, { set, fault }] of chosen.entries()) {
    if (context.stop.aborted) break;
    const dataFolder = context.dataFolder === undefined ? undefined : join(context.dataFolder, `${fault.namespace}-${fault.index}`);
    const outcome = await replayCase(set, fault, { ...context, dataFolder, keep: context.keep && at === chosen.length - 1 });
    if (outcome !== undefined) outcomes.push(outcome);
  }
  if (outcomes.length > 0) console.log(`\n${summaryText(outcomes)}`);
  return outcomes;
}

/** One line that is overwritten on a terminal; elsewhere nothing is printed. */
function progress(line: string | undefined): void {
  if (!process.stdout.isTTY) return;
  process.stdout.write(line === undefined ? "\n" : `\r\x1b[K${line}`);
}
