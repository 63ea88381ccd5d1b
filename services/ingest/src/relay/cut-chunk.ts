import type { DeliveredMessage } from "@yunwei/bus";
import { relayedBytes } from "./relay-origin.ts";

export interface ChunkLimits {
  readonly maxBytes: number;
  readonly maxMessages: number;
}

/** How many messages from the front go together: at least one, none behind a gap of the offsets, no more than the limits. `messages` must not be empty. */
export function cutChunk(messages: readonly DeliveredMessage[], limits: ChunkLimits): number {
  const first = messages[0]!.offset;
  let bytes = 0;
  let count = 0;
  for (const message of messages) {
    bytes += relayedBytes(message);
    if (count > 0 && (count >= limits.maxMessages || bytes > limits.maxBytes || message.offset !== first + count)) break;
    count++;
  }
  return count;
}
