import { isUtf8 } from "node:buffer";

const gb18030 = new TextDecoder("gb18030");
/** Of the sequences that a cut may have broken: a character has at most three bytes before its last. */
const MAX_BROKEN_BYTES = 3;

/**
 * Text of a message. UTF-8 where the bytes are UTF-8, also but for a last character that was cut through; else GB18030 (of
 * which GBK and GB 2312 are parts), which network devices send that are set to Chinese. What is neither becomes U+FFFD.
 * A short GB18030 text can be UTF-8 by accident; the other way round it cannot be told apart.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  const whole = buffer.subarray(0, buffer.length - brokenBytes(buffer));
  if (whole.length < buffer.length && isUtf8(whole)) return whole.toString("utf8");
  return gb18030.decode(buffer);
}

/** How many bytes at the end begin a UTF-8 character that is not complete. */
function brokenBytes(buffer: Buffer): number {
  for (let back = 1; back <= Math.min(MAX_BROKEN_BYTES, buffer.length); back++) {
    const byte = buffer[buffer.length - back]!;
    if (byte >= 0xc0) return back < sequenceBytes(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function sequenceBytes(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
