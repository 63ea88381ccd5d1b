import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { YunweiError } from "@yunwei/schemas";
import type { StreamIdentity } from "./columns.ts";

const gunzipAsync = promisify(gunzip);
const zstdAsync = promisify(zstdDecompress);

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
    return encoding === "gzip" ? await gunzipAsync(value, { maxOutputLength: maxBytes }) : await zstdAsync(value, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new YunweiError("YUNWEI_OTLP_INVALID", `the body is not sound ${encoding} data: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function tooLarge(maxBytes: number): YunweiError {
  return new YunweiError("YUNWEI_OTLP_TOO_LARGE", `the body is over ${maxBytes} bytes without its compression: send smaller batches`);
}

/** Who sent a bus message, by its headers (OtlpHeaders); one from a trusted Collector has none. */
export function identityOf(headers: Readonly<Record<string, string>> | undefined): StreamIdentity {
  return {
    source: headers?.["yunwei.source"] ?? "collector",
    site: headers?.["yunwei.site"] ?? "",
    tier: headers?.["yunwei.tier"] ?? "",
    department: headers?.["yunwei.department"] ?? "",
    receivedMs: Number(headers?.["yunwei.received-ms"] ?? Number.NaN),
  };
}
