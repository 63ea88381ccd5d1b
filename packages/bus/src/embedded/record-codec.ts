import { crc32 } from "node:zlib";
import type { BusMessage, DeliveredMessage } from "../bus.ts";

/*
 * One record of a segment file, little endian:
 *   u32 length   of all that follows `crc`
 *   u32 crc      CRC-32 (IEEE) of all that follows it
 *   u64 offset   position in the partition
 *   f64 time     Unix milliseconds when the bus took it
 *   u16 keyLength, u32 headersLength
 *   key (UTF-8), headers (JSON object of strings, or empty), value
 */
export const RECORD_PREFIX_BYTES = 8;
const FIXED_BYTES = 8 + 8 + 2 + 4;

const EMPTY = Buffer.alloc(0);

/** Bytes before the value, and the value as given: two pieces, so that `writev` copies nothing. */
export function encodeRecord(message: BusMessage, offset: number, timestampMs: number): [head: Buffer, value: Uint8Array] {
  const key = Buffer.from(message.key, "utf8");
  const headers = message.headers === undefined ? EMPTY : Buffer.from(JSON.stringify(message.headers), "utf8");
  if (key.length > 0xffff) throw new RangeError(`key of ${key.length} bytes is over 65535`);
  const head = Buffer.allocUnsafe(RECORD_PREFIX_BYTES + FIXED_BYTES + key.length + headers.length);
  head.writeUInt32LE(head.length - RECORD_PREFIX_BYTES + message.value.length, 0);
  head.writeBigUInt64LE(BigInt(offset), 8);
  head.writeDoubleLE(timestampMs, 16);
  head.writeUInt16LE(key.length, 24);
  head.writeUInt32LE(headers.length, 26);
  head.set(key, 30);
  head.set(headers, 30 + key.length);
  head.writeUInt32LE(crc32(message.value, crc32(head.subarray(RECORD_PREFIX_BYTES))), 4);
  return [head, message.value];
}

/** Length of the record at `at` with its prefix, or 0 when fewer than 8 bytes are there. */
export function recordLength(bytes: Buffer, at: number): number {
  return at + RECORD_PREFIX_BYTES <= bytes.length ? bytes.readUInt32LE(at) + RECORD_PREFIX_BYTES : 0;
}

/** Whether the whole record at `at` is there and its checksum holds. */
export function recordIsSound(bytes: Buffer, at: number): boolean {
  const length = recordLength(bytes, at);
  if (length < RECORD_PREFIX_BYTES + FIXED_BYTES || at + length > bytes.length) return false;
  const keyAndHeaders = bytes.readUInt16LE(at + 24) + bytes.readUInt32LE(at + 26);
  if (FIXED_BYTES + keyAndHeaders > length - RECORD_PREFIX_BYTES) return false;
  return crc32(bytes.subarray(at + RECORD_PREFIX_BYTES, at + length)) === bytes.readUInt32LE(at + 4);
}

export function recordOffset(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at + 8));
}

/** The first place at or after `from` where a sound record of `offset` or later begins; undefined when there is none. */
export function nextSoundRecord(bytes: Buffer, from: number, offset: number): number | undefined {
  for (let at = from; at + RECORD_PREFIX_BYTES + FIXED_BYTES <= bytes.length; at++) {
    if (recordIsSound(bytes, at) && recordOffset(bytes, at) >= offset) return at;
  }
  return undefined;
}

export function recordTimeMs(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at + 16);
}

/** Reads the sound record at `at`; the value is a view of `bytes`. */
export function decodeRecord(bytes: Buffer, at: number, topic: string, partition: number): DeliveredMessage {
  const keyEnd = at + 30 + bytes.readUInt16LE(at + 24);
  const headersEnd = keyEnd + bytes.readUInt32LE(at + 26);
  const end = at + recordLength(bytes, at);
  const message = {
    topic,
    partition,
    offset: recordOffset(bytes, at),
    timestampMs: recordTimeMs(bytes, at),
    key: bytes.toString("utf8", at + 30, keyEnd),
    value: bytes.subarray(headersEnd, end),
  };
  return headersEnd === keyEnd ? message : { ...message, headers: JSON.parse(bytes.toString("utf8", keyEnd, headersEnd)) as Record<string, string> };
}
