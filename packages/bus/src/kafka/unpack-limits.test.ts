import { gzipSync, zstdCompressSync } from "node:zlib";
import { compressionsAlgorithms } from "@platformatic/kafka";
import fc from "fast-check";
import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import { installCodecs } from "../kafkajs/record-codecs.ts";
import { BOUNDED_CODECS, boundDriverCodecs, MOST_UNPACKED_BYTES } from "./unpack-limits.ts";

const { snappy, lz4 } = compressionsAlgorithms;
const CODECS = [
  { name: "gzip", pack: (data: Buffer) => gzipSync(data), unpack: BOUNDED_CODECS.gzip },
  { name: "snappy", pack: (data: Buffer) => snappy.compressSync(data), unpack: BOUNDED_CODECS.snappy },
  { name: "lz4", pack: (data: Buffer) => lz4.compressSync(data), unpack: BOUNDED_CODECS.lz4 },
  { name: "zstd", pack: (data: Buffer) => zstdCompressSync(data), unpack: BOUNDED_CODECS.zstd },
] as const;

describe("bounded codecs of record batches", () => {
  it.each(CODECS)("$name: gives back what was packed", ({ pack, unpack }) => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      fc.nat(2_000_000).map((length) => new Uint8Array(length).fill(7)),
    );
    fc.assert(
      fc.property(piece, (bytes) => {
        expect(unpack(pack(Buffer.from(bytes))).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each(CODECS)("$name: refuses what unpacks to more than memory should hold", ({ pack, unpack }) => {
    expect(() => unpack(pack(Buffer.alloc(MOST_UNPACKED_BYTES + 1)))).toThrow(RangeError);
  });

  it.each(CODECS)("$name: answers arbitrary bytes with bytes or an error", ({ pack, unpack }) => {
    const whole = pack(Buffer.from("resource.attributes host.name ".repeat(50)));
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => whole.with(at, byte));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        let outcome: unknown;
        try {
          outcome = unpack(Buffer.from(bytes));
        } catch (error) {
          outcome = error;
        }
        expect(Buffer.isBuffer(outcome) || outcome instanceof Error).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("are those of both drivers", async () => {
    boundDriverCodecs();
    installCodecs();
    const bomb = snappy.compressSync(Buffer.alloc(MOST_UNPACKED_BYTES + 1));
    expect(() => snappy.decompressSync(bomb)).toThrow(RangeError);
    const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] as () => { decompress: (data: Buffer) => Promise<Buffer> };
    await expect(codec().decompress(bomb)).rejects.toThrow(RangeError);
  });
});
