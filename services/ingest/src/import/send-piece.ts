import { Wire } from "@yunwei/otlp";
import { abortableSleep } from "../probe/abortable-sleep.ts";
import type { ImportPiece } from "./import-piece.ts";

export interface Gateway {
  /** Base address of OTLP/HTTP. */
  readonly endpoint: string;
  readonly token: string;
}

/** What the gateway made of a request. */
export type Answer =
  | { readonly kind: "taken"; readonly rejected: number; readonly problem: string }
  /** It never will be: the data is wrong. */
  | { readonly kind: "refused"; readonly problem: string };

const TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** So long a gateway may be away before the import gives up; it can go on later. */
const PATIENCE_MS = 10 * 60_000;
const MAX_ANSWER_CHARACTERS = 500;
/** OTLP/HTTP: the answers after which the same request may be sent again. */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const WRONG_DATA: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/**
 * Sends a request until it is taken or refused; waits out a gateway that is busy or away.
 * @param waiting - told why it has to be sent again. @throws Error when the gateway does not know us, is away for over 10 min, or `stop` is given while it is
 */
export async function sendPiece(gateway: Gateway, piece: ImportPiece, stop: AbortSignal, waiting: (why: string) => void): Promise<Answer> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const { response, trouble } = await attempt(gateway, piece);
    let afterMs = 0;
    if (response !== undefined) {
      const body = Buffer.from(await response.arrayBuffer());
      if (response.ok) return { kind: "taken", ...partialSuccess(piece.encoding, body) };
      const told = `HTTP ${response.status} ${readable(body)}`;
      if (WRONG_DATA.has(response.status)) return { kind: "refused", problem: told };
      if (!AGAIN.has(response.status)) throw new Error(`${gateway.endpoint} will not have it: ${told}`);
      afterMs = Math.min(Number(response.headers.get("retry-after") ?? 0) * 1_000 || 0, LONGEST_PAUSE_MS);
      waiting(told);
    } else waiting(trouble);
    if (stop.aborted) throw new Error("stopped while the gateway was away");
    if (performance.now() > deadline) throw new Error(`${gateway.endpoint} has taken nothing for ${PATIENCE_MS / 60_000} min`);
    await abortableSleep(Math.max(pauseMs, afterMs), stop);
  }
}

async function attempt({ endpoint, token }: Gateway, { signal, encoding, body }: ImportPiece): Promise<{ response?: Response; trouble: string }> {
  try {
    const headers = { authorization: `Bearer ${token}`, "content-type": encoding === "json" ? "application/json" : "application/x-protobuf" };
    const response = await fetch(`${endpoint}/v1/${signal}`, { method: "POST", headers, body: Buffer.from(body), signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { response, trouble: "" };
  } catch (error) {
    const { message, cause } = error as Error;
    return { trouble: cause instanceof Error ? cause.message : message };
  }
}

function readable(body: Buffer): string {
  // A google.rpc.Status in protobuf has its text behind some bytes of binary.
  return body
    .toString("utf8")
    .replace(/[^\P{C}\n]/gu, " ")
    .trim()
    .slice(0, MAX_ANSWER_CHARACTERS);
}

/** Export*ServiceResponse { 1 partial_success { 1 rejected int64, 2 error_message } } */
function partialSuccess(encoding: ImportPiece["encoding"], body: Buffer): { rejected: number; problem: string } {
  const none = { rejected: 0, problem: "" };
  if (body.length === 0) return none;
  if (encoding === "json") {
    const { partialSuccess: partial } = JSON.parse(body.toString("utf8")) as { partialSuccess?: Record<string, string> };
    if (partial === undefined) return none;
    const rejected = Object.entries(partial).find(([name]) => name.startsWith("rejected"))?.[1];
    return { rejected: Number(rejected ?? 0), problem: partial["errorMessage"] ?? "" };
  }
  const wire = new Wire();
  wire.open(body);
  if (!wire.next(body.length) || wire.field !== 1) return none;
  const end = wire.sliceEnd(body.length);
  const found = { ...none };
  while (wire.next(end)) {
    if (wire.field === 1) found.rejected = wire.number(end);
    else if (wire.field === 2) {
      const textEnd = wire.sliceEnd(end);
      found.problem = body.subarray(wire.pos, textEnd).toString("utf8");
      wire.pos = textEnd;
    } else wire.skip(end);
  }
  return found;
}
