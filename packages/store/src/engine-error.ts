import { YunweiError } from "@yunwei/schemas";

/**
 * ClickHouse's codes that the same statement may get past later: time-outs, memory, too many parts, a full or failing disk, the
 * network, replicas that are away. What is not here says that the statement itself is wrong.
 */
const RETRYABLE = new Set([
  24, 74, 75, 76, 77, 87, 88, 95, 96, 159, 164, 172, 173, 202, 203, 204, 209, 210, 214, 225, 235, 236, 241, 242, 243, 252, 254, 279, 285, 286, 294, 319, 364,
  384, 394, 425, 439, 586, 677, 738, 777, 778, 999, 1000, 1001,
]);

/** Translates what an engine threw, once; `details.engineCode` keeps ClickHouse's number. */
export function storeError(error: unknown): YunweiError {
  if (error instanceof YunweiError) return error;
  const engineCode = engineCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (engineCode !== undefined && !RETRYABLE.has(engineCode)) {
    return new YunweiError("YUNWEI_STORE_REFUSED", `ClickHouse refused the statement (code ${engineCode}): ${message}`, {
      cause: error,
      details: { engineCode },
    });
  }
  return new YunweiError("YUNWEI_STORE_UNAVAILABLE", `ClickHouse did not do it now: ${message}`, { cause: error, details: { engineCode } });
}

/** chdb says it as a number (`clickhouseCode`), the client of a server as text (`code`); a socket's ECONNRESET is none. */
function engineCodeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { clickhouseCode, code } = error as { clickhouseCode?: unknown; code?: unknown };
  if (typeof clickhouseCode === "number") return clickhouseCode;
  return typeof code === "string" && /^\d{1,5}$/.test(code) ? Number(code) : undefined;
}
