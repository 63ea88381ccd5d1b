import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import type { BenchRow } from "./bench-row.ts";
import { benchTable } from "./bench-table.ts";
import { BENCHES } from "./benches.ts";

const list = BENCHES.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`).join("\n");
const HELP = `Measures Yunwei, and what it is held against, in the same run on this machine.

  npm run bench -- NAME [NAME ...]   run these, one after the other
  npm run bench -- NAME --json FILE  write the rows {name, value, unit, target, holds} as well
  npm run bench -- NAME --short      a small run: to see that it works, not to read its figures
  npm run bench -- ingest --part P   only this part; may be repeated
  npm run bench -- ingest --sustained-minutes N  how long the sustained run lasts (default 6; issue 6 asks for 30)
  npm run bench -- --list            print the names

${list}

Compare ratios, not rates: other work on the machine moves both sides of a ratio, and one side of a rate.
`;

try {
  process.exit(await main());
} catch (error) {
  console.error(`yunwei bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      short: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      part: { type: "string", multiple: true },
      "sustained-minutes": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else if (values.list) console.log(list);
  if (values.help || values.list) return 0;
  const chosen = positionals.map((name) => {
    const bench = BENCHES.find((one) => one.name === name);
    if (bench === undefined) throw new Error(`${name} is not a bench; there are ${BENCHES.map((one) => one.name).join(", ")}`);
    return bench;
  });
  if (chosen.length === 0) throw new Error(`name a bench:\n${list}`);
  console.log(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)} before the start; Node.js ${process.versions.node}`,
  );
  const options = { short: values.short, stop: stopOnSignal(chosen), ...partsOf(values.part), ...sustained(values["sustained-minutes"]) };
  const rows: BenchRow[] = [];
  for (const bench of chosen) {
    console.log(`\n${bench.name}: ${bench.title}`);
    const own = await bench.run({ ...options, tell: (line) => console.log(`  ${line}`) });
    console.log(`\n${benchTable(own)}`);
    rows.push(...own.map((row) => (chosen.length === 1 ? row : { ...row, name: `${bench.name}.${row.name}` })));
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, undefined, 2)}\n`);
  return options.stop.aborted ? 130 : 0;
}

function partsOf(parts: string[] | undefined): { parts?: string[] } {
  return parts === undefined ? {} : { parts };
}

function sustained(text: string | undefined): { sustainedMinutes?: number } {
  if (text === undefined) return {};
  const sustainedMinutes = Number(text);
  if (!(sustainedMinutes > 0 && sustainedMinutes <= 24 * 60)) throw new Error(`--sustained-minutes ${text}: a number of minutes, at most a day`);
  return { sustainedMinutes };
}

/** The first Ctrl-C lets benches that can do so end in good order and print what they have; the second ends at once. */
function stopOnSignal(benches: readonly Bench[]): AbortSignal {
  const stop = new AbortController();
  if (!benches.every((bench) => bench.stops === true)) return stop.signal;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130);
      console.log("  stopping; once more to end at once");
      stop.abort(new Error("stopped"));
    });
  }
  return stop.signal;
}
