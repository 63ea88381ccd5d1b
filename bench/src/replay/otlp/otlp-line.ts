import type { Signal } from "@yunwei/schemas";

/** A recorded Export request: its JSON value, its signal, and when the newest of its items happened. */
export interface RecordedRequest {
  readonly signal: Signal;
  readonly value: Record<string, unknown>;
  /** Unix milliseconds; NaN when no item has a time that can be. */
  readonly newestMs: number;
  /** The same of the oldest item. */
  readonly oldestMs: number;
}

const SIGNALS: Readonly<Record<string, Signal>> = { resourceMetrics: "metrics", resourceSpans: "traces", resourceLogs: "logs" };
/** Times of items; a start alone does not say when something was sent. */
const ITEM_TIMES: ReadonlySet<string> = new Set(["timeUnixNano", "endTimeUnixNano", "observedTimeUnixNano"]);
const ALL_TIMES: ReadonlySet<string> = new Set([...ITEM_TIMES, "startTimeUnixNano"]);
const MAX_DEPTH = 64;
/** Before the year 2000 there was no OTLP: such times are broken clocks. */
const LEAST_MS = Date.UTC(2000, 0);

/** Reads one line of the Collector's file exporter. @param latestMs - later times are broken clocks. @returns the request, or what is wrong with the line */
export function parseOtlpLine(bytes: Uint8Array, latestMs: number): RecordedRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return `not JSON in UTF-8: ${error instanceof Error ? error.message.slice(0, 120) : String(error)}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not a JSON object";
  const name = Object.keys(SIGNALS).find((key) => Array.isArray((value as Record<string, unknown>)[key]));
  if (name === undefined) return "no resourceMetrics, resourceSpans or resourceLogs in it";
  let newestMs = Number.NEGATIVE_INFINITY;
  let oldestMs = Number.POSITIVE_INFINITY;
  const tooDeep = eachTime(value, 0, (holder, key) => {
    const ms = Number(holder[key]) / 1e6;
    if (!ITEM_TIMES.has(key) || !(ms >= LEAST_MS && ms <= latestMs)) return;
    newestMs = Math.max(newestMs, ms);
    oldestMs = Math.min(oldestMs, ms);
  });
  if (tooDeep) return `nested more than ${MAX_DEPTH} deep`;
  const known = newestMs >= oldestMs;
  return {
    signal: SIGNALS[name]!,
    value: value as Record<string, unknown>,
    newestMs: known ? newestMs : Number.NaN,
    oldestMs: known ? oldestMs : Number.NaN,
  };
}

/** The request as JSON bytes, every time moved by `shiftMs` whole milliseconds; times of 0 mean "unknown" and stay. Changes `value`. */
export function shiftedBytes({ value }: Pick<RecordedRequest, "value">, shiftMs: number): Buffer {
  const shiftNano = BigInt(shiftMs) * 1_000_000n;
  if (shiftNano !== 0n) {
    eachTime(value, 0, (holder, key) => {
      const before = nanosOf(holder[key]);
      if (before !== undefined && before !== 0n) holder[key] = String(before + shiftNano > 0n ? before + shiftNano : 0n);
    });
  }
  return Buffer.from(JSON.stringify(value), "utf8");
}

function nanosOf(value: unknown): bigint | undefined {
  if (typeof value === "string" && /^[0-9]{1,20}$/.test(value)) return BigInt(value);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? BigInt(Math.round(value)) : undefined;
}

/** Calls `each` for every field that holds a time. @returns whether the value is nested too deep */
function eachTime(value: unknown, depth: number, each: (holder: Record<string, unknown>, key: string) => void): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  if (Array.isArray(value)) return value.some((item) => eachTime(item, depth + 1, each));
  const holder = value as Record<string, unknown>;
  let tooDeep = false;
  for (const key in holder) {
    if (ALL_TIMES.has(key)) each(holder, key);
    else tooDeep = eachTime(holder[key], depth + 1, each) || tooDeep;
  }
  return tooDeep;
}
