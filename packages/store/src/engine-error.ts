import { YunweiError } from "@yunwei/schemas";

/** ClickHouse's codes that the same statement may get past later (notes: time-outs, memory, too many parts, disk, network). */
const RETRYABLE = new Set([159, 164, 173, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 319, 394, 999]);

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

function engineCodeOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { clickhouseCode } = error as { clickhouseCode?: unknown };
  return typeof clickhouseCode === "number" ? clickhouseCode : undefined;
}
