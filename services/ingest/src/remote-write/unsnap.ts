import { YunweiError } from "@yunwei/schemas";
import { uncompress } from "snappy";

/*
 * Snappy block format: the length of the plain bytes as a varint, then elements. A copy of 3 bytes yields at most 64.
 */

const MAX_RATIO = 22;

/**
 * The plain bytes of a Snappy block. What the block says of its length is judged before memory is taken for it.
 * @throws YunweiError YUNWEI_OTLP_TOO_LARGE, YUNWEI_BODY_INVALID (damaged)
 */
export async function unsnap(block: Buffer, maxBytes: number): Promise<Uint8Array> {
  const announced = announcedBytes(block);
  if (announced > maxBytes)
    throw new YunweiError("YUNWEI_OTLP_TOO_LARGE", `the body is over ${maxBytes} bytes without its compression: send smaller batches (max_samples_per_send)`);
  if (announced > MAX_RATIO * block.length) throw damaged("it says that it holds more than it can");
  let plain: Uint8Array | string;
  try {
    plain = await uncompress(block, { asBuffer: true });
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error), error);
  }
  if (typeof plain === "string" || plain.length !== announced) throw damaged("it holds another number of bytes than it says");
  return plain;
}

function announcedBytes(block: Buffer): number {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * at);
    if (byte < 128) return value;
  }
  throw damaged("its length is not readable");
}

function damaged(what: string, cause?: unknown): YunweiError {
  return new YunweiError("YUNWEI_BODY_INVALID", `the body is not a Snappy block: ${what}`, { cause });
}
