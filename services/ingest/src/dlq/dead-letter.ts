import type { BusMessage, DeliveredMessage } from "@yunwei/bus";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal } from "@yunwei/schemas";

/** Why a message could not be stored: once for each step that refused it. */
export interface LetterFailure {
  /** "decode", or "insert" and the table whose rows the engine refused. */
  readonly stage: string;
  readonly error: string;
}

/** A replay, as it is remembered. "begun" without an end: the process was stopped, or the bus did not say, so it may have been done. */
export interface LetterReplay {
  readonly atMs: number;
  /** Who asked for it. */
  readonly by: string;
  readonly state: "begun" | "done" | "failed";
}

/** A message that could not be stored, whole, with what was done about it. */
export interface DeadLetter {
  /** Where it was: topic, partition and offset. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** As it came to its topic; what the dead-letter topic has added is taken off. */
  readonly headers: Readonly<Record<string, string>>;
  readonly failures: readonly LetterFailure[];
  /** When it was buried, Unix milliseconds. */
  readonly buriedMs: number;
  readonly replays: readonly LetterReplay[];
  readonly value: Uint8Array;
}

/** Header that says how often a message has been replayed. */
export const REPLAYED_HEADER = "yunwei.replayed";
/** Stage of a message whose bytes are at fault. */
export const DECODE_STAGE = "decode";
const OWN_HEADERS: ReadonlySet<string> = new Set(["yunwei.error", "yunwei.stage", "yunwei.from"]);
const MAX_FAILURES = 20;

/** Signal by topic whose messages can die. */
export const LETTER_SIGNALS: ReadonlyMap<string, Signal> = new Map([
  [OTLP_METRICS_TOPIC, "metrics"],
  [OTLP_LOGS_TOPIC, "logs"],
  [OTLP_SPANS_TOPIC, "traces"],
]);

/** `topic:partition:offset`. */
export function letterId({ topic, partition, offset }: Pick<DeadLetter, "topic" | "partition" | "offset">): string {
  return `${topic}:${partition}:${offset}`;
}

/** The letter in a message of `<topic>.dlq`; undefined when its headers do not say where it comes from (somebody else wrote it). */
export function letterOf(topic: string, message: Pick<DeliveredMessage, "key" | "value" | "headers" | "timestampMs">): DeadLetter | undefined {
  const headers = message.headers ?? {};
  const from = /^(\d{1,5}):(\d{1,15})$/.exec(headers["yunwei.from"] ?? "");
  if (from === null) return undefined;
  return {
    topic,
    partition: Number(from[1]),
    offset: Number(from[2]),
    key: message.key,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name))),
    failures: [{ stage: headers["yunwei.stage"] ?? DECODE_STAGE, error: headers["yunwei.error"] ?? "" }],
    buriedMs: message.timestampMs,
    replays: [],
    value: message.value,
  };
}

/** Two burials of one message: refused by several tables, or the same one delivered again. Another message at the same place (a topic that began anew) takes its place. */
export function mergeLetters(known: DeadLetter | undefined, next: DeadLetter): DeadLetter {
  if (known === undefined || Buffer.compare(known.value, next.value) !== 0) return next;
  const fresh = next.failures.filter(({ stage }) => !known.failures.some((failure) => failure.stage === stage));
  return { ...known, failures: [...known.failures, ...fresh].slice(0, MAX_FAILURES) };
}

/** How often it was replayed to the end. */
export function replaysDone({ replays }: Pick<DeadLetter, "replays">): number {
  return replays.filter(({ state }) => state === "done").length;
}

/** The message as it goes to its topic again, counted. */
export function replayMessage(letter: DeadLetter): BusMessage {
  const before = Number(letter.headers[REPLAYED_HEADER] ?? 0) || 0;
  return { key: letter.key, value: letter.value, headers: { ...letter.headers, [REPLAYED_HEADER]: String(before + replaysDone(letter) + 1) } };
}

/** The tables that refused it, in the order they did. Empty when it could not be decoded. */
export function refusedTables({ failures }: Pick<DeadLetter, "failures">): string[] {
  return failures.map(({ stage }) => /^insert ([a-z0-9_]{1,64})$/.exec(stage)?.[1]).filter((table) => table !== undefined);
}
