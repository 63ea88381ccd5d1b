import { identityOf, inflateBody, MAX_PLAIN_BYTES, OTLP_REQUESTS, RequestReader } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import { type DeadLetter, LETTER_SIGNALS } from "./dead-letter.ts";
import { outlineOf } from "./outline.ts";

/** What is to be seen of a letter: why it died, where, and how far it can be read today. */
export interface LetterDescription {
  /** Bytes without compression; undefined when it cannot be unpacked. */
  readonly plainBytes: number | undefined;
  /** What the decoder says of it now; undefined = it can be decoded now, so that a replay may store it. */
  readonly problem: string | undefined;
  /** Path of the field at fault, e.g. `resourceMetrics[0].resource.attributes[1].key`; "" = none, or the message as a whole. */
  readonly place: string;
  /** Offset of the fault in the unpacked bytes, where the decoder names one. */
  readonly faultByte: number | undefined;
  /** Rows of 16 bytes around the fault, or the first ones: `offset  hex  text`. */
  readonly hex: readonly string[];
  /** The readable leaves, `path = value`: the first and the last before the fault. */
  readonly outline: readonly string[];
  readonly omitted: number;
}

const ROW_BYTES = 16;
const ROWS_BEFORE = 4;
const ROWS = 8;

/** Describes a letter; nothing is stored or changed. */
export async function describeLetter(letter: DeadLetter): Promise<LetterDescription> {
  const signal = LETTER_SIGNALS.get(letter.topic)!;
  let plain: Uint8Array;
  try {
    plain = await inflateBody(letter.value, letter.headers["content-encoding"], MAX_PLAIN_BYTES);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { plainBytes: undefined, problem, place: "", faultByte: undefined, hex: hexRows(letter.value, 0), outline: [], omitted: 0 };
  }
  const problem = problemOf(() => new RequestReader(0).decode(signal, plain, identityOf(letter.headers, letter.buriedMs)));
  const named = /at byte (\d+)/.exec(problem ?? "")?.[1];
  const faultByte = named === undefined ? undefined : Number(named);
  const { lines, omitted, place } = outlineOf(OTLP_REQUESTS[signal], plain, faultByte);
  return {
    plainBytes: plain.length,
    problem,
    place: problem === undefined ? "" : place,
    faultByte,
    hex: hexRows(plain, faultByte ?? 0),
    outline: lines,
    omitted,
  };
}

function problemOf(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (error instanceof YunweiError) return error.message;
    throw error;
  }
}

/** The byte in the middle is marked with `>`. */
function hexRows(bytes: Uint8Array, middle: number): string[] {
  const rows: string[] = [];
  const first = Math.max(0, Math.floor(middle / ROW_BYTES) - ROWS_BEFORE) * ROW_BYTES;
  for (let at = first; at < Math.min(bytes.length, first + ROWS * ROW_BYTES); at += ROW_BYTES) {
    const row = [...bytes.subarray(at, at + ROW_BYTES)];
    const hex = row.map((byte, i) => `${middle > 0 && at + i === middle ? ">" : " "}${byte.toString(16).padStart(2, "0")}`).join("");
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${at.toString(16).padStart(8, "0")} ${hex.padEnd(3 * ROW_BYTES)}  ${text}`);
  }
  return rows;
}
