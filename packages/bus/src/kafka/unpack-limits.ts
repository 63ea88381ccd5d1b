import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";

/** A record batch that unpacks to more than this is refused: what others write must not take all memory. */
export const MOST_UNPACKED_BYTES = 128 * 1024 * 1024;
const LIMIT = { maxOutputLength: MOST_UNPACKED_BYTES };

type Unpack = (data: Buffer) => Buffer;

/** The codecs of record batches, each bounded before or while it unpacks; @throws Error for too much and for bytes that are none */
export interface BoundedCodecs {
  readonly gzip: Unpack;
  readonly snappy: Unpack;
  readonly lz4: Unpack;
  readonly zstd: Unpack;
}

/** Snappy and LZ4 are the driver's, whose entries `boundDriverCodecs` replaces later. */
const { snappy, lz4 } = compressionsAlgorithms;
const [unpackSnappy, unpackLz4] = [snappy.decompressSync, lz4.decompressSync];

export const BOUNDED_CODECS: BoundedCodecs = {
  gzip: (data) => gunzipSync(data, LIMIT),
  snappy: (data) => unpackSnappy(within(data, snappyBytes(data))),
  lz4: (data) => unpackLz4(within(data, lz4Bytes(data))),
  zstd: (data) => zstdDecompressSync(data, LIMIT),
};

/** The driver unpacks what it fetches without any bound, and looks its codecs up in this table for each batch. */
export function boundDriverCodecs(): void {
  const table: Record<string, { decompressSync: (data: Buffer) => Buffer }> = compressionsAlgorithms as never;
  for (const [name, unpack] of Object.entries(BOUNDED_CODECS)) table[name]!.decompressSync = unpack;
}

function within(data: Buffer, bytes: number): Buffer {
  if (bytes > MOST_UNPACKED_BYTES) throw new RangeError(`a record batch unpacks to ${bytes} bytes, more than ${MOST_UNPACKED_BYTES}`);
  return data;
}

const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** What a snappy block, or a row of them in the frame of Kafka's Java client, says of its own size: a varint at the start of each. */
function snappyBytes(data: Buffer): number {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return varint(data, 0);
  let bytes = 0;
  for (let at = XERIAL_HEADER_BYTES; at + 4 < data.length; at += 4 + data.readUInt32BE(at)) bytes += varint(data, at + 4);
  return bytes;
}

function varint(data: Buffer, at: number): number {
  let value = 0;
  for (let i = 0; i < 5 && at + i < data.length; i++) {
    value += (data[at + i]! & 0x7f) * 2 ** (7 * i);
    if (data[at + i]! < 0x80) break;
  }
  return value;
}

const LZ4_MAGIC_BYTES = 4;
/** By the block's code in the frame descriptor, LZ4 frame format §"BD byte"; other codes are not valid. */
const LZ4_BLOCK_BYTES = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
]);
/** No byte of an LZ4 block yields more than this many. */
const LZ4_MOST_RATIO = 255;

/** An upper bound: no block yields more than its frame allows, nor more than its own bytes can. */
function lz4Bytes(data: Buffer): number {
  if (data.length < LZ4_MAGIC_BYTES + 3) return 0;
  const flags = data[LZ4_MAGIC_BYTES]!;
  const blockLimit = LZ4_BLOCK_BYTES.get((data[LZ4_MAGIC_BYTES + 1]! >> 4) & 7) ?? Number.POSITIVE_INFINITY;
  const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
  let at = LZ4_MAGIC_BYTES + 3 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let bytes = 0;
  while (at + 4 <= data.length) {
    const header = data.readUInt32LE(at);
    const packed = header & 0x7fffffff;
    if (packed === 0) break;
    bytes += Math.min(blockLimit, header >= 0x80000000 ? packed : packed * LZ4_MOST_RATIO);
    at += 4 + packed + checksumBytes;
  }
  return bytes;
}
