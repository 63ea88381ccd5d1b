import type { BusMessage } from "../bus.ts";

/** Length, attributes, deltas and counts of one record: at most this many bytes beside key, headers and value. */
const RECORD_FRAME_BYTES = 64;

/** An upper bound of what a message takes in a batch; a UTF-16 unit is at most three bytes of UTF-8. */
export function recordBytes(message: BusMessage): number {
  let bytes = RECORD_FRAME_BYTES + message.value.length + 3 * message.key.length;
  for (const [name, text] of Object.entries(message.headers ?? {})) bytes += 3 * (name.length + text.length) + 10;
  return bytes;
}
