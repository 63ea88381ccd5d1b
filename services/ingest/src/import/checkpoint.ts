import { createHash } from "node:crypto";
import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { Type } from "typebox";
import { Value } from "typebox/value";
import type { Place } from "./import-piece.ts";

const HEAD_BYTES = 64 * 1024;
const Saved = Type.Object({
  /** SHA-256 of the first `headBytes` of the file: it is the same one, though it may have grown. */
  head: Type.String(),
  headBytes: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
  number: Type.Integer({ minimum: 1 }),
  /** Items and pieces that the gateway would not have. */
  refused: Type.Integer({ minimum: 0 }),
});

/** How far the import of a file has come. */
export interface Progress {
  readonly place: Place;
  readonly refused: number;
}

/** Remembers beside a file how far its import has come: all before is acknowledged. Survives kill -9: it is replaced as a whole. */
export class Checkpoint {
  readonly path: string;
  readonly #head: string;
  readonly #headBytes: number;

  private constructor(path: string, head: string, headBytes: number) {
    this.path = path;
    this.#head = head;
    this.#headBytes = headBytes;
  }

  /**
   * The checkpoint of `file`, and where to go on; undefined = from the beginning.
   * @throws Error when there is one of another content, or a damaged one
   */
  static async of(file: string, path: string): Promise<{ checkpoint: Checkpoint; progress: Progress | undefined }> {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) {
      const { hash, bytes } = await headOf(file, HEAD_BYTES);
      return { checkpoint: new Checkpoint(path, hash, bytes), progress: undefined };
    }
    const saved = parse(text);
    if (saved === undefined) throw new Error(`${path} is no checkpoint: remove it to import ${file} from its beginning`);
    const { hash, bytes } = await headOf(file, saved.headBytes);
    if (hash !== saved.head || bytes !== saved.headBytes)
      throw new Error(`${path} is the checkpoint of another content than ${file} has now: remove it to import the file from its beginning`);
    return { checkpoint: new Checkpoint(path, hash, bytes), progress: { place: { offset: saved.offset, number: saved.number }, refused: saved.refused } };
  }

  async save({ place, refused }: Progress): Promise<void> {
    const saved = { head: this.#head, headBytes: this.#headBytes, ...place, refused };
    await writeFile(`${this.path}.new`, JSON.stringify(saved));
    await rename(`${this.path}.new`, this.path);
  }

  /** Begin at the beginning the next time. */
  static forget(path: string): Promise<void> {
    return rm(path, { force: true });
  }
}

function parse(text: string): { head: string; headBytes: number; offset: number; number: number; refused: number } | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Value.Check(Saved, parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

async function headOf(path: string, most: number): Promise<{ hash: string; bytes: number }> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, 0);
    return { hash: createHash("sha256").update(buffer.subarray(0, bytesRead)).digest("hex"), bytes: bytesRead };
  } finally {
    await file.close();
  }
}
