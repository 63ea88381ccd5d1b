import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

/** Most a line may be: what the gateway takes as one request. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

/** A line of a file by its number (from 1): its bytes, or why it cannot be read. */
export type Line = { readonly number: number; readonly bytes: Buffer } | { readonly number: number; readonly problem: string };

/**
 * Lines of a file in order, unpacked when its name ends in `.gz`; empty ones are left out. At most one line is held in
 * memory. A line over the limit becomes a problem; so does damage of the file (the rest of it is lost then).
 */
export async function* readLines(path: string, maxBytes: number = MAX_LINE_BYTES): AsyncGenerator<Line> {
  const file = createReadStream(path);
  const splitter = new LineSplitter(maxBytes);
  try {
    const stream = path.toLowerCase().endsWith(".gz") ? file.pipe(createGunzip()) : file;
    file.once("error", (error) => stream.destroy(error));
    for await (const piece of stream) yield* splitter.push(piece as Buffer);
    yield* splitter.end();
  } catch (error) {
    yield { number: splitter.number, problem: `the rest of the file cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    file.destroy();
  }
}

class LineSplitter {
  /** Number of the line in hand. */
  number = 1;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #overlong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *push(piece: Buffer): Generator<Line> {
    let from = 0;
    for (let to = piece.indexOf(NEWLINE); to >= 0; to = piece.indexOf(NEWLINE, from)) {
      this.#keep(piece.subarray(from, to));
      yield* this.#cut();
      this.number++;
      from = to + 1;
    }
    this.#keep(piece.subarray(from));
  }

  *end(): Generator<Line> {
    yield* this.#cut();
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxBytes) {
      this.#overlong = true;
      this.#pieces.length = 0;
    } else if (piece.length > 0) this.#pieces.push(piece);
  }

  *#cut(): Generator<Line> {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const overlong = this.#overlong;
    this.#pieces = [];
    this.#bytes = 0;
    this.#overlong = false;
    if (overlong) yield { number: this.number, problem: `the line is over ${this.#maxBytes} bytes` };
    else if (!isBlank(bytes)) yield { number: this.number, bytes };
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
}
