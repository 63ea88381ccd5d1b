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

/** ClickHouse's codes that say something of the rows themselves: parse, type, range, size, null, enum, constraint, a block cut off. */
const ABOUT_ROWS = new Set([6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 128, 131, 190, 271, 321, 349, 432, 441, 467, 469, 636, 691]);

/**
 * Of an insert of outside data. Only what is said of the rows is a refusal: then smaller pieces can find the rows at fault. A
 * table, a column, a right or a password that is missing is our own fault, no row is to blame, and the same insert works once it is
 * mended: refusing would send whole batches of good data to the dead letters.
 */
export function insertError(error: unknown): YunweiError {
  const known = storeError(error);
  const engineCode = engineCodeOf(known.cause);
  if (known.retryable || engineCode === undefined || ABOUT_ROWS.has(engineCode)) return known;
  return new YunweiError("YUNWEI_STORE_UNAVAILABLE", `ClickHouse takes no such insert now, whatever the rows (code ${engineCode}): ${known.message}`, {
    cause: known.cause,
    details: { engineCode },
  });
}

/** chdb says it as a number (`clickhouseCode`), the client of a server as text (`code`); a socket's ECONNRESET is none. */
function engineCodeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { clickhouseCode, code } = error as { clickhouseCode?: unknown; code?: unknown };
  if (typeof clickhouseCode === "number") return clickhouseCode;
  return typeof code === "string" && /^\d{1,5}$/.test(code) ? Number(code) : undefined;
}
