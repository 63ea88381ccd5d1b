import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

export type ImportFormat = "otlp-json" | "otlp-proto" | "syslog";

const GZIP_MAGIC = 0x1f8b;
const READ_BYTES = 256 * 1024;

/** The first bytes of a file's plain content. */
async function firstBytes(path: string, isGzip: boolean): Promise<Buffer> {
  for await (const chunk of plainBytes(path, isGzip, 0)) return Buffer.from(chunk);
  return Buffer.alloc(0);
}

export async function isGzipFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE(0) === GZIP_MAGIC;
  } finally {
    await file.close();
  }
}

/** What a file seems to be: JSON begins with a brace, a length below 16 MiB with a zero, and text with neither. */
export async function formatOf(path: string, isGzip: boolean): Promise<ImportFormat> {
  const bytes = await firstBytes(path, isGzip);
  if (bytes[0] === 0) return "otlp-proto";
  return bytes.find((byte) => byte > 0x20) === 0x7b ? "otlp-json" : "syslog";
}

/** The content of a file from a byte on, without its gzip: that cannot be entered in the middle, so it is read up to there. */
export async function* plainBytes(path: string, isGzip: boolean, from: number): AsyncGenerator<Uint8Array> {
  if (!isGzip) {
    yield* createReadStream(path, { start: from, highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
    return;
  }
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  const gunzip = createGunzip();
  file.on("error", (error) => gunzip.destroy(error));
  let at = 0;
  try {
    for await (const chunk of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      if (at + chunk.length > from) yield at < from ? chunk.subarray(from - at) : chunk;
      at += chunk.length;
    }
  } finally {
    file.destroy();
  }
}
