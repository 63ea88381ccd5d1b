import { constants } from "node:fs";
import { copyFile, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { YunweiError } from "@yunwei/schemas";
import type { BusMessage, DeliveredMessage } from "../bus.ts";
import { RecentMessages } from "./recent-messages.ts";
import { decodeRecord, encodeRecord, nextSoundRecord, recordIsSound, recordLength, recordOffset } from "./record-codec.ts";
import { Segment } from "./segment.ts";

export interface LogLimits {
  readonly segmentBytes: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
}

interface Pending {
  readonly messages: readonly BusMessage[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Where a reader stands; opaque to callers. */
export interface ReadPosition {
  offset: number;
  segment?: Segment;
  position?: number;
}

const READ_BYTES = 1024 * 1024;
/** writev takes at most IOV_MAX (1,024) pieces; two a record. */
const MAX_RECORDS_PER_WRITE = 500;

/** The durable log of one partition: segment files, group commit with fdatasync, CRC on every record. */
export class PartitionLog {
  readonly #folder: string;
  readonly #topic: string;
  readonly #partition: number;
  readonly #limits: LogLimits;
  readonly #onTrouble: (message: string) => void;
  readonly #segments: Segment[] = [];
  #queue: Pending[] = [];
  #writing: Promise<void> | undefined;
  readonly #waiters = new Set<() => void>();
  readonly #recent = new RecentMessages();
  #closed = false;

  private constructor(folder: string, topic: string, partition: number, limits: LogLimits, onTrouble: (message: string) => void) {
    this.#folder = folder;
    this.#topic = topic;
    this.#partition = partition;
    this.#limits = limits;
    this.#onTrouble = onTrouble;
  }

  /** Opens or creates the folder. A torn tail (crash during a write) is cut off after a copy of the damaged file is kept beside it. */
  static async open(folder: string, topic: string, partition: number, limits: LogLimits, onTrouble: (message: string) => void): Promise<PartitionLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const log = new PartitionLog(folder, topic, partition, limits, onTrouble);
    const bases = (await readdir(folder)).filter((name) => /^\d{16}\.log$/.test(name)).map((name) => Number(name.slice(0, 16)));
    bases.sort((a, b) => a - b);
    for (const [index, base] of bases.entries()) {
      const segment = new Segment(folder, base);
      const nextBase = bases[index + 1];
      if (nextBase === undefined) await segment.scan();
      else await segment.adopt(nextBase);
      log.#segments.push(segment);
    }
    await log.#mendTail();
    return log;
  }

  get firstOffset(): number {
    return this.#segments[0]?.baseOffset ?? 0;
  }

  get nextOffset(): number {
    return this.#segments.at(-1)?.nextOffset ?? 0;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  async #mendTail(): Promise<void> {
    const tail = this.#segments.at(-1);
    if (tail === undefined) return;
    const handle = await tail.handle();
    const fileBytes = (await handle.stat()).size;
    if (fileBytes === tail.sizeBytes) return;
    await copyFile(tail.path, `${tail.path}.damaged-${Date.now()}`, constants.COPYFILE_FICLONE);
    await handle.truncate(tail.sizeBytes);
    await handle.datasync();
    this.#onTrouble(
      `${tail.path}: the last ${fileBytes - tail.sizeBytes} bytes were not a whole record (an unfinished write); cut off, a copy is kept beside it`,
    );
  }

  /** Resolves when durable. Concurrent calls share one write and one fdatasync. */
  append(messages: readonly BusMessage[]): Promise<void> {
    if (this.#closed) return Promise.reject(new YunweiError("YUNWEI_BUS_UNAVAILABLE", "the bus is closing; send again"));
    return new Promise((resolve, reject) => {
      this.#queue.push({ messages, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // lets calls of the same turn join the first write
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      try {
        await this.#write(group);
        for (const pending of group) pending.resolve();
      } catch (error) {
        for (const pending of group) pending.reject(error);
      }
      this.#wake();
    }
    this.#writing = undefined;
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const segment = await this.#writable();
    const handle = await segment.handle();
    const nowMs = Date.now();
    let offset = segment.nextOffset;
    let end = segment.sizeBytes;
    const notes: [offset: number, position: number][] = [];
    const pieces: Uint8Array[] = [];
    const written: DeliveredMessage[] = [];
    try {
      for (const { messages } of group) {
        for (const message of messages) {
          written.push({ ...message, topic: this.#topic, partition: this.#partition, offset, timestampMs: nowMs });
          const [head, value] = encodeRecord(message, offset, nowMs);
          pieces.push(head, value);
          notes.push([offset++, end]);
          end += head.length + value.length;
          if (pieces.length >= 2 * MAX_RECORDS_PER_WRITE) await writeAll(handle, pieces.splice(0));
        }
      }
      if (pieces.length > 0) await writeAll(handle, pieces);
      await handle.datasync();
    } catch (error) {
      await handle.truncate(segment.sizeBytes).catch((again: unknown) => this.#onTrouble(`${segment.path}: cannot cut off a failed write: ${String(again)}`));
      throw new YunweiError(
        "YUNWEI_BUS_UNAVAILABLE",
        `cannot write ${segment.path}: ${error instanceof Error ? error.message : String(error)}; free disk space or mend the disk, then send again`,
        { cause: error },
      );
    }
    for (const [noted, position] of notes) segment.note(noted, position, nowMs);
    segment.sizeBytes = end;
    this.#recent.add(written);
  }

  async #writable(): Promise<Segment> {
    const tail = this.#segments.at(-1);
    if (tail !== undefined && tail.sizeBytes < this.#limits.segmentBytes) return tail;
    const segment = new Segment(this.#folder, tail?.nextOffset ?? 0);
    await segment.handle();
    const folder = await open(this.#folder, "r");
    await folder.sync().finally(() => folder.close());
    this.#segments.push(segment);
    return segment;
  }

  /** Resolves when `offset` exists, at once if it does; also when the log closes or `signal` aborts. */
  async waitFor(offset: number, signal: AbortSignal): Promise<void> {
    while (offset >= this.nextOffset && !this.#closed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiters.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        this.#waiters.add(done);
        signal.addEventListener("abort", done);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /**
   * Sound records from `from.offset` on, at most `maxMessages` and about `maxBytes` (at least one record when there is one);
   * moves `from` behind them. Damaged bytes in the middle are stepped over, and told of.
   */
  async read(from: ReadPosition, maxMessages: number, maxBytes: number): Promise<DeliveredMessage[]> {
    const out: DeliveredMessage[] = [];
    let bytes = 0;
    while (out.length < maxMessages && bytes < maxBytes && from.offset < this.nextOffset) {
      const recent = this.#recent.take(from.offset);
      if (recent !== undefined) {
        out.push(recent);
        bytes += recent.value.length;
        from.offset++;
        delete from.segment; // where it stands in its file is looked up when it is needed again
        continue;
      }
      const segment = this.#segmentOf(from);
      if (segment === undefined) break;
      const read = await this.#readChunk(segment, from, maxMessages - out.length, Math.min(READ_BYTES, maxBytes - bytes));
      for (const message of read) bytes += message.value.length;
      out.push(...read);
    }
    return out;
  }

  #segmentOf(from: ReadPosition): Segment | undefined {
    if (from.offset < this.firstOffset) from.offset = this.firstOffset;
    const current = from.segment;
    if (current !== undefined && from.offset >= current.baseOffset && from.offset < current.nextOffset) return current;
    const found = this.#segments.find((segment) => from.offset < segment.nextOffset);
    if (found === undefined) return undefined;
    if (from.offset < found.baseOffset) from.offset = found.baseOffset;
    from.segment = found;
    from.position = found.seek(from.offset);
    return found;
  }

  async #readChunk(segment: Segment, from: ReadPosition, maxMessages: number, wantBytes: number): Promise<DeliveredMessage[]> {
    const handle = await segment.handle();
    const start = from.position ?? 0;
    const leftBytes = segment.sizeBytes - start;
    for (let size = Math.min(Math.max(wantBytes, 4096), leftBytes); ; size = leftBytes) {
      const buffer = Buffer.allocUnsafe(size);
      const { bytesRead } = await handle.read(buffer, 0, size, start);
      const out = this.#take(buffer.subarray(0, bytesRead), from, maxMessages);
      if (out.length > 0 || (from.position ?? 0) > start) return out;
      if (size < leftBytes) continue; // a record longer than the chunk, or damage: look at all that is left
      this.#stepOver(segment, from, buffer.subarray(0, bytesRead));
      return [];
    }
  }

  #take(bytes: Buffer, from: ReadPosition, maxMessages: number): DeliveredMessage[] {
    const out: DeliveredMessage[] = [];
    let at = 0;
    while (out.length < maxMessages && recordIsSound(bytes, at)) {
      const offset = recordOffset(bytes, at);
      if (offset >= from.offset) {
        out.push(decodeRecord(bytes, at, this.#topic, this.#partition));
        from.offset = offset + 1;
      }
      at += recordLength(bytes, at);
    }
    from.position = (from.position ?? 0) + at;
    return out;
  }

  /** Goes on behind damaged bytes: at the next sound record of this segment, or at the next segment. */
  #stepOver(segment: Segment, from: ReadPosition, bytes: Buffer): void {
    const start = from.position ?? 0;
    const step = nextSoundRecord(bytes, 1, from.offset);
    from.position = start + (step ?? bytes.length);
    const before = from.offset;
    from.offset = step === undefined ? segment.nextOffset : recordOffset(bytes, step);
    this.#onTrouble(
      `${segment.path}: bytes ${start} to ${from.position} are damaged; offsets ${before} to ${from.offset - 1} cannot be read and were stepped over`,
    );
  }

  /** Removes whole old segments that every group has passed. Never the last one. */
  async retain(nowMs: number, consumedTo: number): Promise<void> {
    let total = this.sizeBytes;
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0]!;
      const expired = nowMs - oldest.lastTimeMs > this.#limits.retentionMs || total > this.#limits.retentionBytes;
      if (!expired || oldest.nextOffset > consumedTo) return;
      this.#segments.shift();
      total -= oldest.sizeBytes;
      await oldest.close();
      await rm(oldest.path, { force: true });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    this.#wake();
    for (const segment of this.#segments) await segment.close();
  }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, pieces: Uint8Array[]): Promise<void> {
  let total = 0;
  for (const piece of pieces) total += piece.length;
  const { bytesWritten } = await handle.writev(pieces);
  if (bytesWritten !== total) throw new Error(`wrote ${bytesWritten} of ${total} bytes`);
}

export function partitionFolder(root: string, topic: string, partition: number): string {
  return join(root, topic, String(partition));
}
