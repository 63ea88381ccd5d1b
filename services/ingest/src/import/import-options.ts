import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { Signal } from "@yunwei/schemas";
import { isTimeZone } from "../log-door/zone-clock.ts";
import type { ImportFormat } from "./open-input.ts";

export const IMPORT_HELP = `Sends files of recorded telemetry to a gateway that runs, and can be interrupted.

  npm run import -- FILE...        to the Yunwei that runs on ./data
  --data FOLDER                    to the one that runs on FOLDER (default: YUNWEI_DATA, or ./data)
  --endpoint URL --token-file F    to another gateway's OTLP/HTTP, with the token in file F
  --format otlp-json|otlp-proto|syslog    default: seen from each file
  --signal metrics|traces|logs     of otlp-proto files whose name does not tell
  --time-zone ZONE                 of syslog times without one (default Asia/Shanghai)
  --host NAME                      of syslog lines that name no host (default: this machine)
  --checkpoints FOLDER             keep the checkpoints there (default: beside each file, as .NAME.yunwei-import)
  --again                          forget the checkpoints: send everything from the beginning
  --help

Files, each also as .gz:
  otlp-json    an OTLP/JSON Export request a line: the Collector's file exporter
  otlp-proto   the same with "format: proto" or a compression: a length of 4 bytes before each message
  syslog       text, a message a line, with or without <PRI>

Interrupted (Ctrl-C, kill -9, power): run the same command again, and each file goes on behind the last request that was
acknowledged; a file that is through sends only what has been added to it. Nothing is lost. At most one request, the one that
was on its way, is sent twice, and is then stored twice: its log lines and spans appear twice, gauges and cumulative counters
have the same value at the same time twice (graphs do not change), deltas count twice. --again doubles everything in the
same way. After 429, 503 or a broken connection a request is sent again, for up to 10 minutes.

Times are kept. The gateway leaves out what is older than 13 days or more than 10 minutes ahead, and what is malformed; each is
told with file, line and byte, and the exit code is then 2. To see older recordings, use: npm run replay -- --help
`;

const FORMATS = ["otlp-json", "otlp-proto", "syslog"] as const satisfies readonly ImportFormat[];
const SIGNALS = ["metrics", "traces", "logs"] as const satisfies readonly Signal[];

export interface ImportOptions {
  readonly files: readonly string[];
  readonly data: string;
  /** Undefined = the Yunwei that runs on `data`. */
  readonly endpoint: string | undefined;
  readonly tokenFile: string | undefined;
  /** Undefined = seen from the file. */
  readonly format: ImportFormat | undefined;
  readonly signal: Signal | undefined;
  readonly timeZone: string;
  readonly hostname: string | undefined;
  readonly again: boolean;
  readonly help: boolean;
  readonly checkpointOf: (file: string) => string;
}

/** @param data - data folder when none is given. @throws Error naming what cannot be understood */
export function parseImportOptions(argv: readonly string[], data: string): ImportOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      data: { type: "string", default: data },
      endpoint: { type: "string" },
      "token-file": { type: "string" },
      format: { type: "string" },
      signal: { type: "string" },
      "time-zone": { type: "string", default: "Asia/Shanghai" },
      host: { type: "string" },
      checkpoints: { type: "string" },
      again: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (positionals.length === 0 && !values.help) throw new Error("which file? see npm run import -- --help");
  if ((values.endpoint === undefined) !== (values["token-file"] === undefined)) throw new Error("--endpoint and --token-file go together");
  if (!isTimeZone(values["time-zone"])) throw new Error(`--time-zone ${values["time-zone"]} is no time zone like Asia/Shanghai`);
  const { checkpoints } = values;
  return {
    files: positionals,
    data: values.data,
    endpoint: values.endpoint?.replace(/\/+$/, ""),
    tokenFile: values["token-file"],
    format: oneOf("--format", values.format, FORMATS),
    signal: oneOf("--signal", values.signal, SIGNALS),
    timeZone: values["time-zone"],
    hostname: values.host,
    again: values.again,
    help: values.help,
    checkpointOf: (file) =>
      checkpoints === undefined ? join(file, "..", `.${basename(file)}.yunwei-import`) : join(checkpoints, `${basename(file)}.yunwei-import`),
  };
}

function oneOf<T extends string>(option: string, text: string | undefined, known: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`${option} ${text} is not known: one of ${known.join(", ")}`);
  return found;
}
