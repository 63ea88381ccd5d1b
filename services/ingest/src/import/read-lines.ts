import type { Place } from "./import-piece.ts";

const LF = 0x0a;

/** A line of a file, without its end. */
export interface Line {
  readonly bytes: Buffer;
  /** Bytes that were left out because the line is over the limit. */
  readonly cutBytes: number;
  /** Whether the file ends before the line does. */
  readonly isOpen: boolean;
  readonly from: Place;
  readonly next: Place;
}

/** The lines of `chunks`, which begin at `from`; a last one without an end is one. Holds one line of at most `maxBytes`. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, from: Place, maxBytes: number): AsyncGenerator<Line> {
  let pieces: Buffer[] = [];
  let held = 0;
  let cutBytes = 0;
  let start = from;
  const hold = (piece: Buffer): void => {
    const kept = piece.subarray(0, maxBytes - held);
    cutBytes += piece.length - kept.length;
    held += kept.length;
    if (kept.length > 0) pieces.push(kept);
  };
  const line = (endBytes: number): Line => {
    const next = { offset: start.offset + held + cutBytes + endBytes, number: start.number + 1 };
    const found = { bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces), cutBytes, isOpen: endBytes === 0, from: start, next };
    pieces = [];
    held = cutBytes = 0;
    start = next;
    return found;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
      hold(bytes.subarray(at, end));
      at = end + 1;
      yield line(1);
    }
    if (at < bytes.length) hold(bytes.subarray(at));
  }
  if (held + cutBytes > 0) yield line(0);
}
