import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { SnapshotPiece } from "../domain/snapshot.ts";
import type { SnapshotStore } from "../ports.ts";
import { decodeFrames, encodeFrame } from "./snapshot-frame.ts";

const NAME = "detector.snapshot";

/** The snapshot as one file of a local folder: written beside, synced, then renamed over the old one. */
export class FolderSnapshotStore implements SnapshotStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(pieces: Iterable<SnapshotPiece>, beforeCommit: () => Promise<void>): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = join(this.#folder, `${NAME}.new`);
    const file = await open(fresh, "w", 0o600);
    try {
      for (const piece of pieces) await file.writeFile(encodeFrame(piece));
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeCommit();
    await rename(fresh, this.#path);
    await this.#syncFolder();
  }

  async load(): Promise<SnapshotPiece[] | undefined> {
    try {
      return decodeFrames(await readFile(this.#path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async setAside(): Promise<string> {
    const aside = `${this.#path}.corrupt`;
    await rename(this.#path, aside);
    return aside;
  }

  get #path(): string {
    return join(this.#folder, NAME);
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
