import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { inflateBody } from "./body.ts";

const MAX = 1024 * 1024;

it("gives back what was packed, small and large", async () => {
  for (const size of [0, 1, 10_000, 900_000]) {
    const plain = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919) % 251));
    for (const [packed, encoding] of [
      [gzipSync(plain), "gzip"],
      [zstdCompressSync(plain), "zstd"],
      [plain, undefined],
    ] as const) {
      expect(Buffer.from(await inflateBody(packed, encoding, MAX)).equals(plain)).toBe(true);
    }
  }
});

it("stops a bomb at the limit, whatever size it claims", async () => {
  const bomb = gzipSync(Buffer.alloc(8 * MAX));
  await expect(inflateBody(bomb, "gzip", MAX)).rejects.toMatchObject({ code: "YUNWEI_OTLP_TOO_LARGE" });
  await expect(inflateBody(zstdCompressSync(Buffer.alloc(8 * MAX)), "zstd", MAX)).rejects.toMatchObject({ code: "YUNWEI_OTLP_TOO_LARGE" });
  const liar = Buffer.from(bomb);
  liar.writeUInt32LE(1, liar.length - 4);
  await expect(inflateBody(liar, "gzip", MAX)).rejects.toMatchObject({ code: expect.stringMatching(/TOO_LARGE|INVALID/) });
});

it("refuses damaged bytes with a code, never with a crash", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom("gzip", "zstd", "br"), async (bytes, encoding) => {
      await inflateBody(bytes, encoding, MAX).then(
        (plain) => expect(plain.length).toBeLessThanOrEqual(MAX),
        (error: unknown) => expect(error).toMatchObject({ code: expect.stringMatching(/^YUNWEI_OTLP_/) }),
      );
    }),
  );
});
