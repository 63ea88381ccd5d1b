import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import kafkajs from "kafkajs";

/** A batch that unpacks to more than this is refused: what a broker sends must not take all memory. */
const MOST_BYTES = 128 * 1024 * 1024;
const limit = { maxOutputLength: MOST_BYTES };

/**
 * Gives kafkajs what it lacks to read batches of other writers (a Collector's kafkaexporter compresses as it is told): snappy
 * and LZ4 out of the other driver, zstd and a bounded gzip out of Node. Nothing of ours is written compressed: the bodies are
 * already. For the whole process; repeating it changes nothing.
 */
export function installCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const { snappy, lz4 } = compressionsAlgorithms;
  CompressionCodecs[CompressionTypes.GZIP] = codec((data) => gunzipSync(data, limit));
  CompressionCodecs[CompressionTypes.Snappy] = codec((data) => snappy.decompressSync(data));
  CompressionCodecs[CompressionTypes.LZ4] = codec((data) => lz4.decompressSync(data));
  CompressionCodecs[CompressionTypes.ZSTD] = codec((data) => zstdDecompressSync(data, limit));
}

function codec(decompress: (data: Buffer) => Buffer) {
  return () => ({
    compress: (): Promise<Buffer> => Promise.reject(new Error("record batches of ours are not compressed")),
    decompress: async (data: Buffer): Promise<Buffer> => decompress(data),
  });
}
