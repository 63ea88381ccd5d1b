import { parseArgs } from "node:util";
import type { Namespace } from "./nezha/fault-case.ts";

export const REPLAY_HELP = `Feeds recorded telemetry through the real gateway of a standalone and prints the incidents found, each with its ranked causes.

  npm run replay -- FOLDER|FILE            what the Collector's file exporter wrote: OTLP JSON lines, also .gz, of all signals
  npm run replay -- ../shared/data/rca/nezha    the nezha data set (archives or unpacked); without a path: where YUNWEI_DATA has it
  --speed N|max          event seconds per second; default max: as fast as the pipeline drains
  --format otlp|nezha    default: seen from the files
  --data FOLDER          keep the data in FOLDER; default: a folder of its own, removed at the end
  --keep                 leave the standalone running at the end, to look around; Ctrl-C stops it
  --json FILE            write what was found
 of OTLP lines:
  --keep-time            do not move times; default: the newest item is moved to two minutes ago (data over 13 days old is refused)
  --resume               go on where an earlier run on the same --data FOLDER stopped
 of nezha:
  --namespace hipster|ts|all    Online Boutique, Train Ticket, or both; default all
  --case N|TIME|all[,...]       number or injection time (2022-08-23 12:01:25) of a fault; default: the first two that have data
`;

export interface ReplayOptions {
  readonly path: string | undefined;
  /** undefined = max. */
  readonly speed: number | undefined;
  readonly format: "otlp" | "nezha" | undefined;
  readonly data: string | undefined;
  readonly keep: boolean;
  readonly json: string | undefined;
  readonly keepTime: boolean;
  readonly resume: boolean;
  readonly namespaces: readonly Namespace[];
  /** undefined = the first two with data. */
  readonly cases: readonly string[] | undefined;
  readonly help: boolean;
}

/** @throws Error naming what cannot be understood */
export function parseReplayOptions(argv: readonly string[]): ReplayOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      speed: { type: "string", default: "max" },
      format: { type: "string" },
      namespace: { type: "string", default: "all" },
      case: { type: "string" },
      data: { type: "string" },
      json: { type: "string" },
      keep: { type: "boolean", default: false },
      "keep-time": { type: "boolean", default: false },
      resume: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (positionals.length > 1) throw new Error(`one folder or file, not ${positionals.length}: ${positionals.join(" ")}`);
  if (values.resume && values.data === undefined) throw new Error("--resume needs --data: the folder of the run that is to go on");
  return {
    path: positionals[0],
    speed: speedOf(values.speed),
    format: oneOf("--format", values.format, ["otlp", "nezha"]),
    data: values.data,
    keep: values.keep,
    json: values.json,
    keepTime: values["keep-time"],
    resume: values.resume,
    namespaces: namespacesOf(values.namespace),
    cases: values.case
      ?.split(",")
      .map((one) => one.trim())
      .filter((one) => one !== ""),
    help: values.help,
  };
}

function speedOf(text: string): number | undefined {
  if (text === "max") return undefined;
  const speed = Number(text);
  if (!(speed > 0 && Number.isFinite(speed))) throw new Error(`--speed ${text} is neither max nor a number above 0`);
  return speed;
}

function namespacesOf(text: string): readonly Namespace[] {
  const one = oneOf("--namespace", text, ["hipster", "ts", "all"]);
  return one === "all" || one === undefined ? ["hipster", "ts"] : [one];
}

function oneOf<T extends string>(option: string, text: string | undefined, known: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`${option} ${text} is not known: one of ${known.join(", ")}`);
  return found;
}
