import { open, rename, stat, unlink } from "node:fs/promises";

const CHUNK_BYTES = 1024 * 1024;

/**
 * A file that only takes room, on the disk of the engine. On a disk that is full to the last MiB ClickHouse cannot even drop
 * data (it wants to write an empty part first): then the file goes, and comes back when there is room.
 */
export class Ballast {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Makes the file when it is not there. @throws the file system's own error when there is no room */
  async keep(): Promise<void> {
    const there = await stat(this.#path).catch(() => undefined);
    if (there !== undefined && there.size >= this.#bytes) return;
    const half = `${this.#path}.new`;
    const file = await open(half, "w", 0o600);
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES, 0x79); // written, not left out: a file of holes takes no room
      for (let at = 0; at < this.#bytes; at += CHUNK_BYTES) await file.write(chunk, 0, Math.min(CHUNK_BYTES, this.#bytes - at));
      await file.sync();
    } catch (error) {
      await unlink(half).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
    await rename(half, this.#path);
  }

  /** Gives its room away. @returns whether there was any */
  async release(): Promise<boolean> {
    return unlink(this.#path).then(
      () => true,
      () => false,
    );
  }
}
