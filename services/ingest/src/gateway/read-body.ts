import type { IncomingMessage } from "node:http";
import { YunweiError } from "@yunwei/schemas";

/** The body as it came, never more than `maxBytes` of it in memory. @throws YunweiError YUNWEI_OTLP_TOO_LARGE, YUNWEI_OTLP_INVALID when it breaks off */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > maxBytes) {
        pieces.length = 0;
        request.removeAllListeners("data");
        reject(tooLarge(maxBytes));
      } else pieces.push(piece);
    });
    request.on("end", () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    request.on("error", (error) => reject(new YunweiError("YUNWEI_OTLP_INVALID", `the body broke off: ${error.message}`, { cause: error })));
    request.on("aborted", () => reject(new YunweiError("YUNWEI_OTLP_INVALID", "the sender closed the connection before the end of the body")));
  });
}

function tooLarge(maxBytes: number): YunweiError {
  return new YunweiError("YUNWEI_OTLP_TOO_LARGE", `the body is over ${maxBytes} bytes: send smaller batches or compress them with gzip or zstd`);
}
