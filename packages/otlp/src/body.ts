import { promisify } from "node:util";
import { gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from "node:zlib";
import { YunweiError } from "@yunwei/schemas";
import type { StreamIdentity } from "./columns.ts";

const gunzipAsync = promisify(gunzip);
const zstdAsync = promisify(zstdDecompress);

/**
 * Bodies up to this size are inflated at once on this thread: handing one over costs more than the work (measured: 84
 * against 123 us a request of 1,000 points). Larger ones go to the pool, so that a bomb does not hold everyone up.
 */
const SYNC_BYTES = 256 * 1024;
/** Not the size of Node's pool (64 KiB): such a piece could not be told from it, and would not be given back by hand (free-memory.ts). */
const LEAST_CHUNK_BYTES = 48 * 1024;
const MOST_CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * The body without its compression, never more than `maxBytes` of it in memory (a small body can hold a bomb).
 * @throws YunweiError YUNWEI_OTLP_TYPE_UNSUPPORTED (encoding), YUNWEI_OTLP_TOO_LARGE, YUNWEI_OTLP_INVALID (damaged)
 */
export async function inflateBody(value: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  if (encoding === undefined || encoding === "" || encoding === "identity") {
    if (value.length > maxBytes) throw tooLarge(maxBytes);
    return value;
  }
  if (encoding !== "gzip" && encoding !== "zstd") {
    throw new YunweiError("YUNWEI_OTLP_TYPE_UNSUPPORTED", `content-encoding ${encoding.slice(0, 40)} is not known here: send gzip, zstd or none`);
  }
  try {
    const options = { maxOutputLength: maxBytes, chunkSize: chunkBytes(value, encoding) };
    if (value.length <= SYNC_BYTES) return encoding === "gzip" ? gunzipSync(value, options) : zstdDecompressSync(value, options);
    return encoding === "gzip" ? await gunzipAsync(value, options) : await zstdAsync(value, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new YunweiError("YUNWEI_OTLP_INVALID", `the body is not sound ${encoding} data: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** About the size of the result, so that it is made in one piece: gzip says it in its last four bytes (RFC 1952, ISIZE), of zstd it is guessed. Only a hint, and bounded: the sender wrote it. */
function chunkBytes(value: Uint8Array, encoding: "gzip" | "zstd"): number {
  const hint = encoding === "gzip" && value.length >= 18 ? new DataView(value.buffer, value.byteOffset).getUint32(value.length - 4, true) : 12 * value.length;
  return Math.min(MOST_CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, hint + 1));
}

function tooLarge(maxBytes: number): YunweiError {
  return new YunweiError("YUNWEI_OTLP_TOO_LARGE", `the body is over ${maxBytes} bytes without its compression: send smaller batches`);
}

/**
 * Who sent a bus message, by its headers (OtlpHeaders); one from a trusted Collector has none.
 * @param takenMs - when the bus took it, Unix milliseconds: the time of its reception where the headers do not say
 */
export function identityOf(headers: Readonly<Record<string, string>> | undefined, takenMs: number): StreamIdentity {
  const received = Number(headers?.["yunwei.received-ms"] ?? Number.NaN);
  return {
    source: headers?.["yunwei.source"] ?? "collector",
    site: headers?.["yunwei.site"] ?? "",
    tier: headers?.["yunwei.tier"] ?? "",
    department: headers?.["yunwei.department"] ?? "",
    receivedMs: received > 0 ? received : takenMs,
  };
}
