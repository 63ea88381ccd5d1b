import type { ApiSession } from "./api-session.ts";
import type { DlqOptions } from "./dlq-options.ts";

interface Letter {
  readonly id: string;
  readonly buriedAt: string;
  readonly source: string;
  readonly bytes: number;
  readonly failures: readonly { readonly stage: string; readonly error: string }[];
  readonly replays: readonly { readonly at: string; readonly by: string; readonly state: string }[];
}
interface ShownLetter extends Letter {
  readonly headers: Readonly<Record<string, string>>;
  readonly plainBytes: number | null;
  readonly problem: string | null;
  readonly place: string;
  readonly hex: readonly string[];
  readonly outline: readonly string[];
  readonly omitted: number;
}

/** Where a command speaks to a person. */
export interface Terminal {
  print(text: string): void;
  /** Whether the answer is yes. */
  confirm(question: string): Promise<boolean>;
}

const NOT_ALL = 2;
const FIRST_LINES = 40;

/** Runs list, show or replay. @returns the exit code: 0, or 2 when something was not replayed. @throws Error of the API */
export async function runDlq(options: DlqOptions, api: ApiSession, terminal: Terminal): Promise<number> {
  const { command, id } = options;
  if (command === "show") terminal.print(textOf(await api.get<ShownLetter>(`/ingest/dead-letters/${encodeURIComponent(id!)}`)));
  else if (command === "replay") return replay(options, api, terminal);
  else {
    const letters = await list(options, api);
    terminal.print(letters.length === 0 ? "no dead letters" : letters.map(lineOf).join("\n"));
  }
  return 0;
}

async function list({ topic, sinceMs }: DlqOptions, api: ApiSession): Promise<Letter[]> {
  const query = new URLSearchParams({ since: new Date(sinceMs).toISOString(), limit: "1000", ...(topic === "" ? {} : { topic }) });
  return (await api.get<{ letters: Letter[] }>(`/ingest/dead-letters?${query}`)).letters;
}

/** Oldest first, as they came. What fails is told, and the rest goes on. */
async function replay(options: DlqOptions, api: ApiSession, terminal: Terminal): Promise<number> {
  const { id, again, yes } = options;
  const isOpen = ({ replays }: Letter) => again || !replays.some(({ state }) => state !== "failed");
  const ids =
    id === undefined
      ? (await list(options, api))
          .filter(isOpen)
          .map((letter) => letter.id)
          .reverse()
      : [id];
  if (ids.length === 0) {
    terminal.print("nothing to replay");
    return 0;
  }
  if (!yes && !(await terminal.confirm(`replay ${ids.length === 1 ? ids[0] : `${ids.length} messages`}?`))) return NOT_ALL;
  let failed = 0;
  for (const one of ids) {
    try {
      const { did, rows } = await api.post<{ did: string; rows: number }>(`/ingest/dead-letters/${encodeURIComponent(one)}/replay`, { again });
      terminal.print(`${one}  ${did === "stored" ? `${rows} rows stored` : "sent to its topic again"}`);
    } catch (error) {
      failed++;
      terminal.print(`${one}  NOT replayed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed > 0 ? NOT_ALL : 0;
}

function lineOf({ id, buriedAt, source, bytes, failures, replays }: Letter): string {
  const { stage, error } = failures[0] ?? { stage: "", error: "" };
  const state = replays.at(-1);
  const replayed = state === undefined ? "" : `  [replay ${state.state} by ${state.by}]`;
  return `${id}  ${buriedAt}  from ${source}  ${bytes} B  ${failures.length > 1 ? `${failures.length} tables` : stage}: ${error.slice(0, 120)}${replayed}`;
}

function textOf(letter: ShownLetter): string {
  const { id, buriedAt, source, bytes, plainBytes, headers, failures, replays, problem, place, hex, outline, omitted } = letter;
  const gap = omitted > 0 ? [`  ... ${omitted} more ...`] : [];
  return [
    `${id}   buried ${buriedAt}   from ${source}   ${bytes} bytes${plainBytes === null || plainBytes === bytes ? "" : `, ${plainBytes} unpacked`}`,
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
    "it died of",
    ...failures.map(({ stage, error }) => `  ${stage}: ${error}`),
    problem === null ? "it can be decoded today" : `today: ${problem}${place === "" ? "" : `\n  in ${place}`}`,
    ...replays.map(({ at, by, state }) => `replay ${state} at ${at} by ${by}`),
    "bytes",
    ...hex.map((row) => `  ${row}`),
    "readable",
    ...outline.slice(0, FIRST_LINES).map((line) => `  ${line}`),
    ...gap,
    ...outline.slice(FIRST_LINES).map((line) => `  ${line}`),
  ].join("\n");
}
