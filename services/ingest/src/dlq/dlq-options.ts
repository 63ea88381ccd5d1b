import { parseArgs } from "node:util";
import { LETTER_SIGNALS } from "./dead-letter.ts";

export const DLQ_HELP = `Looks at messages that could not be stored, and replays them. Asks the Yunwei that runs.

  npm run dlq -- list [--topic T] [--since TIME]       what is there, newest first
  npm run dlq -- show --id PART:OFF [--topic T]        why it died and where, its sender, its bytes, what is readable
  npm run dlq -- replay --id PART:OFF [--topic T]      replay one
  npm run dlq -- replay [--topic T] [--since TIME]     replay all that is listed and was not replayed

  --topic otlp_metrics|otlp_logs|otlp_spans            (list and replay: any; show, and replay of one: otlp_metrics)
  --since 2026-11-26 | 2026-11-26T08:00:00Z | 90m | 6h | 3d     buried since then (default 14d)
  --id PART:OFF, or TOPIC:PART:OFF as list prints it
  --yes        do not ask before a replay
  --again      also what was replayed before: its data may then be stored twice
  --data FOLDER        the Yunwei that runs on FOLDER (default: YUNWEI_DATA, or ./data)
  --user NAME          (default admin)
  --password-file F    file with the password; else the variable YUNWEI_PASSWORD; else it is asked for
  --help

What could not be decoded goes to its topic again, for the writer and the detectors. Of what a table refused, the refused rows are
stored in that table: everything else of the message is stored already. What is replayed is remembered in the data folder.
`;

export interface DlqOptions {
  readonly command: "list" | "show" | "replay" | "help";
  /** "" = any. */
  readonly topic: string;
  readonly sinceMs: number;
  /** `topic:partition:offset`; undefined = all that is listed. */
  readonly id: string | undefined;
  readonly yes: boolean;
  readonly again: boolean;
  readonly data: string;
  readonly user: string;
  readonly passwordFile: string | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT_TOPIC = "otlp_metrics";

/** @param data - data folder when none is given. @throws Error naming what cannot be understood */
export function parseDlqOptions(argv: readonly string[], data: string, nowMs: number): DlqOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      topic: { type: "string", default: "" },
      since: { type: "string", default: "14d" },
      id: { type: "string" },
      yes: { type: "boolean", default: false },
      again: { type: "boolean", default: false },
      data: { type: "string", default: data },
      user: { type: "string", default: "admin" },
      "password-file": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { topic, since, id, yes, again, user } = values;
  const [word, ...rest] = positionals;
  const command = values.help || word === undefined ? "help" : (["list", "show", "replay"] as const).find((one) => one === word);
  if (command === undefined || rest.length > 0) throw new Error(`${positionals.join(" ")} is not known: list, show or replay; see --help`);
  if (topic !== "" && !LETTER_SIGNALS.has(topic)) throw new Error(`--topic ${topic} is not known: one of ${[...LETTER_SIGNALS.keys()].join(", ")}`);
  if (command === "show" && id === undefined) throw new Error("which one? give --id PART:OFF as list prints it");
  return {
    command,
    topic,
    sinceMs: sinceOf(since, nowMs),
    id: id === undefined ? undefined : wholeId(id, topic),
    yes,
    again,
    data: values.data,
    user,
    passwordFile: values["password-file"],
  };
}

function sinceOf(text: string, nowMs: number): number {
  const ago = /^(\d{1,6})([mhd])$/.exec(text);
  const at = ago === null ? Date.parse(text) : nowMs - Number(ago[1]) * UNIT_MS[ago[2]!]!;
  if (!Number.isFinite(at)) throw new Error(`--since ${text} is no time: say 2026-11-26T08:00:00Z, or 90m, 6h, 3d`);
  return at;
}

function wholeId(text: string, topic: string): string {
  const parts = /^(?:([a-z_]+):)?(\d{1,5}:\d{1,15})$/.exec(text);
  if (parts === null) throw new Error(`--id ${text} is no PART:OFF`);
  return `${parts[1] ?? (topic === "" ? DEFAULT_TOPIC : topic)}:${parts[2]}`;
}
