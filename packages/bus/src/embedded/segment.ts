import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { nextSoundRecord, recordIsSound, recordLength, recordOffset, recordTimeMs } from "./record-codec.ts";

/** A record every this many has its position kept in memory. */
const INDEX_EVERY = 64;
/** Read size of a scan. */
const CHUNK_BYTES = 1024 * 1024;

export function segmentName(baseOffset: number): string {
  return `${String(baseOffset).padStart(16, "0")}.log`;
}

/** One segment file: `[baseOffset, nextOffset)` of a partition, with a sparse index offset -> position. */
export class Segment {
  readonly baseOffset: number;
  readonly path: string;
  nextOffset: number;
  sizeBytes = 0;
  lastTimeMs = 0;
  readonly #indexOffsets: number[] = [];
  readonly #indexPositions: number[] = [];
  #sinceIndex = INDEX_EVERY;
  #handle: FileHandle | undefined;

  constructor(folder: string, baseOffset: number) {
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.path = join(folder, segmentName(baseOffset));
  }

  async handle(): Promise<FileHandle> {
    this.#handle ??= await open(this.path, "a+", 0o600);
    return this.#handle;
  }

  /** Notes a record that now stands at `position`. */
  note(offset: number, position: number, timeMs: number): void {
    if (++this.#sinceIndex >= INDEX_EVERY) {
      this.#indexOffsets.push(offset);
      this.#indexPositions.push(position);
      this.#sinceIndex = 0;
    }
    this.nextOffset = offset + 1;
    this.lastTimeMs = timeMs;
  }

  /** A position at or before the record of `offset`. */
  seek(offset: number): number {
    let low = 0;
    let high = this.#indexOffsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#indexOffsets[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#indexPositions[low - 1]!;
  }

  /** Takes the file as it is, unread: for segments behind which others stand. */
  async adopt(nextOffset: number): Promise<void> {
    const facts = await (await this.handle()).stat();
    this.sizeBytes = facts.size;
    this.lastTimeMs = facts.mtimeMs;
    this.nextOffset = nextOffset;
  }

  /** Reads the whole file, fills the index, and sets `sizeBytes` to the end of the last sound record; damage before it is stepped over. */
  async scan(): Promise<void> {
    const handle = await this.handle();
    const fileBytes = (await handle.stat()).size;
    let position = 0;
    let chunkBytes = CHUNK_BYTES;
    while (position < fileBytes) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, fileBytes - position));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      const at = this.#scanChunk(buffer.subarray(0, bytesRead), position);
      if (at > 0) {
        position += at;
        this.sizeBytes = position;
        chunkBytes = CHUNK_BYTES;
      } else if (chunkBytes < fileBytes - position) {
        chunkBytes = fileBytes - position; // a record longer than a chunk, or damage: look at all that is left
      } else {
        const step = nextSoundRecord(buffer.subarray(0, bytesRead), 1, this.nextOffset);
        if (step === undefined) return;
        position += step;
      }
    }
  }

  #scanChunk(bytes: Buffer, position: number): number {
    let at = 0;
    while (recordIsSound(bytes, at)) {
      this.note(recordOffset(bytes, at), position + at, recordTimeMs(bytes, at));
      at += recordLength(bytes, at);
    }
    return at;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
