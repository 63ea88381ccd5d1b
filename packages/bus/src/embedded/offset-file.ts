import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";

const SLOT_BYTES = 24;

/**
 * The committed offset of one group in one partition: two slots of {u64 sequence, u64 next, u32 crc, u32 0}, written in
 * turn, so that a torn write spoils only the older truth. Not fsynced: after a power cut an older commit means
 * redelivery, which every consumer must stand anyway; after a kill the page cache has it.
 */
export class OffsetFile {
  readonly #handle: FileHandle;
  #sequence: bigint;
  #next: number | undefined;

  private constructor(handle: FileHandle, sequence: bigint, next: number | undefined) {
    this.#handle = handle;
    this.#sequence = sequence;
    this.#next = next;
  }

  static async open(path: string): Promise<OffsetFile> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, "a+", 0o600).then(async (created) => {
      await created.close();
      return open(path, "r+");
    });
    const bytes = Buffer.alloc(2 * SLOT_BYTES);
    await handle.read(bytes, 0, bytes.length, 0);
    let sequence = 0n;
    let next: number | undefined;
    for (const at of [0, SLOT_BYTES]) {
      const slotSequence = bytes.readBigUInt64LE(at);
      if (slotSequence > sequence && crc32(bytes.subarray(at, at + 16)) === bytes.readUInt32LE(at + 16)) {
        sequence = slotSequence;
        next = Number(bytes.readBigUInt64LE(at + 8));
      }
    }
    return new OffsetFile(handle, sequence, next);
  }

  /** Offset of the next message to deliver; undefined when nothing was ever committed. */
  get next(): number | undefined {
    return this.#next;
  }

  async commit(next: number): Promise<void> {
    const slot = Buffer.alloc(SLOT_BYTES);
    this.#sequence += 1n;
    slot.writeBigUInt64LE(this.#sequence, 0);
    slot.writeBigUInt64LE(BigInt(next), 8);
    slot.writeUInt32LE(crc32(slot.subarray(0, 16)), 16);
    await this.#handle.write(slot, 0, SLOT_BYTES, Number(this.#sequence % 2n) * SLOT_BYTES);
    this.#next = next;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
