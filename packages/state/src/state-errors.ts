import { YunweiError } from "@yunwei/schemas";

/** SQLSTATE classes and codes that mean "the server is not there right now" (PostgreSQL appendix A). */
const UNAVAILABLE = /^(08|57P0|53)/;
const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENOTFOUND", "EAI_AGAIN"]);
const RETRY = new Set(["40001", "40P01"]);
const CONFLICT = new Set(["23505", "23P01"]);

/** Whether the engine asks for the same transaction again: a serialization failure or a deadlock. */
export function wantsRetry(error: unknown): boolean {
  return RETRY.has(codeOf(error));
}

/**
 * Translates what the driver throws, once. Our own errors pass unchanged.
 * @returns YUNWEI_STATE_UNAVAILABLE (retry), YUNWEI_CONFLICT (unique or exclusion rule) or YUNWEI_ENGINE_FAILED; `cause` is kept
 */
export function stateError(cause: unknown): Error {
  if (cause instanceof YunweiError) return cause;
  const code = codeOf(cause);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (CONFLICT.has(code)) return new YunweiError("YUNWEI_CONFLICT", `The same record is there already: ${text}`, { cause });
  if (RETRY.has(code)) return new YunweiError("YUNWEI_STATE_UNAVAILABLE", `Too many writers at once, try again: ${text}`, { cause });
  if (UNAVAILABLE.test(code) || NETWORK.has(code) || isConnectionLoss(code, text)) {
    return new YunweiError("YUNWEI_STATE_UNAVAILABLE", `PostgreSQL does not answer: ${text}`, { cause });
  }
  if (code === "") return cause instanceof Error ? cause : new Error(text);
  return new YunweiError("YUNWEI_ENGINE_FAILED", `PostgreSQL refused a statement (${code}): ${text}`, { cause });
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** The `pg` driver reports a lost or slow connection by text alone, without a code. */
function isConnectionLoss(code: string, text: string): boolean {
  return code === "" && /^(Connection terminated|timeout (expired|exceeded)|Cannot use a pool after|Client has encountered a connection error)/i.test(text);
}
