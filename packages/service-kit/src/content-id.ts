import { createHash } from "node:crypto";

/**
 * An id derived from content: the same parts give the same id, so a replay is a no-op.
 * @returns 32 lower-case hexadecimal digits (SHA-256, truncated to 128 bits); parts are length-prefixed, so ("ab","c") differs from ("a","bc")
 */
export function contentId(...parts: readonly (string | number | bigint)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const text = String(part);
    hash.update(`${text.length}:`).update(text);
  }
  return hash.digest("hex").slice(0, 32);
}
