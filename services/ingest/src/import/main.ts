import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { Checkpoint } from "./checkpoint.ts";
import { type FileProgress, importFile } from "./import-file.ts";
import { IMPORT_HELP, type ImportOptions, parseImportOptions } from "./import-options.ts";
import { progressLine } from "./progress-line.ts";
import type { Gateway } from "./send-piece.ts";

/** Where a person looks on, the line is refreshed so often; elsewhere one is printed so seldom. */
const REFRESH_MS = 200;
const SELDOM_MS = 10_000;
const LEFT_OUT = 2;
const INTERRUPTED = 130;

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
process.once("SIGINT", () => {
  console.error("\nstopping behind the request in hand; Ctrl-C again ends at once");
  stop.abort();
  process.once("SIGINT", () => process.exit(INTERRUPTED));
});

try {
  const options = parseImportOptions(process.argv.slice(2), process.env["YUNWEI_DATA"] ?? "./data");
  if (options.help) console.log(IMPORT_HELP);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(`yunwei import: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = stop.signal.aborted ? INTERRUPTED : 1;
}

async function run(options: ImportOptions): Promise<number> {
  const gateway = await gatewayOf(options);
  let leftOut = 0;
  for (const file of options.files.map((path) => resolve(path))) {
    if (stop.signal.aborted) break;
    if (options.again) await Checkpoint.forget(options.checkpointOf(file));
    const { progress, last } = progressPrinter();
    const tell = (line: string): void => console.error(process.stderr.isTTY ? `\r\x1b[K${line}` : line);
    const refused = await importFile(file, options, { gateway, stop: stop.signal, hostname: hostname(), tell, progress }).catch((error: Error) => {
      throw new Error(`${file}: ${error.message}; run the same command again to go on`);
    });
    leftOut += refused;
    tell(last() ?? `${file}: nothing new`);
  }
  if (stop.signal.aborted) return INTERRUPTED;
  return leftOut > 0 ? LEFT_OUT : 0;
}

async function gatewayOf({ endpoint, tokenFile, data }: ImportOptions): Promise<Gateway> {
  if (endpoint !== undefined && tokenFile !== undefined) return { endpoint, token: (await readFile(tokenFile, "utf8")).trim() };
  const running = await readFile(join(data, "running.json"), "utf8").catch(() => {
    throw new Error(`no Yunwei runs on ${resolve(data)}: start one with npm start, or give --data, or --endpoint and --token-file`);
  });
  const { otlp } = JSON.parse(running) as { otlp: string };
  return { endpoint: otlp, token: (await readFile(join(data, "ingest-token"), "utf8")).trim() };
}

function progressPrinter(): { progress: (found: FileProgress) => void; last: () => string | undefined } {
  const startMs = performance.now();
  let printedMs = startMs;
  let latest: FileProgress | undefined;
  const line = (): string => progressLine(latest!, performance.now() - startMs);
  return {
    progress: (found) => {
      latest = found;
      const isTty = process.stderr.isTTY;
      if (performance.now() - printedMs < (isTty ? REFRESH_MS : SELDOM_MS)) return;
      printedMs = performance.now();
      if (isTty) process.stderr.write(`\r\x1b[K${line().slice(0, process.stderr.columns)}`);
      else console.error(line());
    },
    last: () => (latest === undefined ? undefined : line()),
  };
}
