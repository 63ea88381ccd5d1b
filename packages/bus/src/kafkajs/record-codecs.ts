import kafkajs from "kafkajs";
import { BOUNDED_CODECS } from "../kafka/unpack-limits.ts";

/**
 * Gives kafkajs what it lacks to read batches of other writers (a Collector's kafkaexporter compresses as it is told), and a
 * bound to the one that it has. Nothing of ours is written compressed: the bodies are already. For the whole process;
 * repeating it changes nothing.
 */
export function installCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = codec(BOUNDED_CODECS.gzip);
  CompressionCodecs[CompressionTypes.Snappy] = codec(BOUNDED_CODECS.snappy);
  CompressionCodecs[CompressionTypes.LZ4] = codec(BOUNDED_CODECS.lz4);
  CompressionCodecs[CompressionTypes.ZSTD] = codec(BOUNDED_CODECS.zstd);
}

function codec(unpack: (data: Buffer) => Buffer) {
  return () => ({
    compress: (): Promise<Buffer> => Promise.reject(new Error("record batches of ours are not compressed")),
    decompress: async (data: Buffer): Promise<Buffer> => unpack(data),
  });
}
