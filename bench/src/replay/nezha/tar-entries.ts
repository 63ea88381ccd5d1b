import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

const BLOCK = 512;
/** Files of the data set are a few MB; more than this is not one of them. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

export interface TarEntry {
  readonly path: string;
  readonly bytes: Buffer;
}

/*
 * ustar (POSIX.1-1988): blocks of 512 bytes; a header is name 0..100, size 124..136 (octal text), type flag 156, prefix
 * 345..500; then the content, padded to whole blocks. Type L (GNU) holds the long name of the next entry, x (POSIX.1-2001)
 * its attributes as `length key=value\n`. A block of zeros ends the archive.
 */
/** The regular files of a `.tar.gz` that are `wanted`, in the order of the archive; others are passed over without being kept. @throws Error naming the file when it is damaged */
export async function* tarEntries(path: string, wanted: (path: string) => boolean): AsyncGenerator<TarEntry> {
  const file = createReadStream(path);
  const reader = new BlockReader(file.pipe(createGunzip()));
  file.once("error", (error) => reader.destroy(error));
  let longName: string | undefined;
  try {
    for (let header = await readHeader(reader); header !== undefined; header = await readHeader(reader)) {
      const { type, size } = header;
      const name = longName ?? header.name;
      const keep = isName(type) || (isFile(type) && wanted(name));
      const bytes = keep && size <= MAX_FILE_BYTES ? await reader.read(size) : await reader.skip(size);
      await reader.skip((BLOCK - (size % BLOCK)) % BLOCK);
      longName = bytes !== undefined && isName(type) ? longNameOf(type, bytes) : undefined;
      if (bytes !== undefined && isFile(type)) yield { path: name, bytes };
    }
  } catch (error) {
    throw new Error(`${path} is damaged: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    file.destroy();
  }
}

const isName = (type: string): boolean => type === "L" || type === "x";
const isFile = (type: string): boolean => type === "0" || type === "\0";

/** @returns undefined at the end of the archive */
async function readHeader(reader: BlockReader): Promise<{ type: string; name: string; size: number } | undefined> {
  const header = await reader.read(BLOCK);
  if (header === undefined || header[0] === 0) return undefined;
  const size = Number.parseInt(text(header, 124, 136).trim() || "0", 8);
  if (!Number.isSafeInteger(size) || size < 0) throw new Error("a header is broken");
  return { type: String.fromCharCode(header[156]!), name: nameOf(header), size };
}

function longNameOf(type: string, bytes: Buffer): string | undefined {
  return type === "L" ? text(bytes, 0, bytes.length) : / path=([^\n]+)\n/.exec(bytes.toString("utf8"))?.[1];
}

function nameOf(header: Buffer): string {
  const prefix = text(header, 345, 500);
  const name = text(header, 0, 100);
  return (prefix === "" ? name : `${prefix}/${name}`).replace(/^\.\//, "");
}

function text(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString("utf8", from, end >= 0 && end < to ? end : to);
}

/** Exact numbers of bytes from a stream; holds at most what was asked for and one piece. */
class BlockReader {
  readonly #stream: ReturnType<typeof createGunzip>;
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: ReturnType<typeof createGunzip>) {
    this.#stream = stream;
    this.#pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  destroy(error: Error): void {
    this.#stream.destroy(error);
  }

  /** @returns undefined at the end of the stream. @throws Error when it ends in the middle */
  async read(bytes: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      const part = await this.#part(missing);
      if (part === undefined && missing === bytes) return undefined;
      if (part === undefined) throw new Error("it ends too early");
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(bytes: number): Promise<undefined> {
    for (let missing = bytes; missing > 0; ) {
      const part = await this.#part(missing);
      if (part === undefined) return undefined;
      missing -= part.length;
    }
    return undefined;
  }

  async #part(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
