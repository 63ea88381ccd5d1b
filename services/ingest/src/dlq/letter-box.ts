import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DeadLetter, LETTER_SIGNALS, letterId, mergeLetters } from "./dead-letter.ts";
import { decodeLetter, encodeLetter } from "./letter-file.ts";

export interface LetterBoxOptions {
  readonly folder: string;
  /** The oldest letters beyond these go; default 10,000 letters and 512 MiB. */
  readonly maxLetters?: number;
  readonly maxBytes?: number;
  /** Told of a file that is no letter. */
  readonly onTrouble: (message: string) => void;
}

/** A letter without its bytes. */
export type LetterHead = Omit<DeadLetter, "value"> & { readonly bytes: number };

/** Dead letters on disk, a file each, replaced as a whole: what was replayed is known after a kill -9 too. One process at a time. */
export class LetterBox {
  readonly #options: LetterBoxOptions;
  /** In the order of their burial. */
  #heads = new Map<string, LetterHead>();
  #bytes = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: LetterBoxOptions) {
    this.#options = options;
  }

  static async open(options: LetterBoxOptions): Promise<LetterBox> {
    const box = new LetterBox(options);
    const found: LetterHead[] = [];
    for (const topic of LETTER_SIGNALS.keys()) {
      const folder = join(options.folder, topic);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        if (!name.endsWith(".letter")) continue;
        const letter = decodeLetter(await readFile(join(folder, name)));
        if (letter === undefined || join(folder, name) !== box.#path(letter)) options.onTrouble(`${join(folder, name)} is no dead letter; it is left alone`);
        else found.push(headOf(letter));
      }
    }
    for (const head of found.sort((one, other) => one.buriedMs - other.buriedMs)) box.#remember(head);
    return box;
  }

  /** By burial, newest first. */
  list(): LetterHead[] {
    return [...this.#heads.values()].reverse();
  }

  async read(id: string): Promise<DeadLetter | undefined> {
    const head = this.#heads.get(id);
    return head === undefined ? undefined : decodeLetter(await readFile(this.#path(head)));
  }

  /** Keeps a letter, merged with what is known of it. Durable when resolved; the same letter again changes nothing. */
  put(letter: DeadLetter): Promise<void> {
    return this.#inTurn(async () => {
      const known = await this.read(letterId(letter));
      const merged = mergeLetters(known, letter);
      if (known === undefined || merged.value !== known.value || merged.failures.length !== known.failures.length) await this.#write(merged);
      await this.#makeRoom();
    });
  }

  /**
   * Changes a letter; one change at a time, so that of two who would replay it only the first does.
   * @returns undefined when there is none
   */
  change(id: string, how: (letter: DeadLetter) => DeadLetter): Promise<DeadLetter | undefined> {
    return this.#inTurn(async () => {
      const letter = await this.read(id);
      if (letter === undefined) return undefined;
      const changed = how(letter);
      await this.#write(changed);
      return changed;
    });
  }

  async #write(letter: DeadLetter): Promise<void> {
    const path = this.#path(letter);
    await writeFile(`${path}.new`, encodeLetter(letter), { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    this.#remember(headOf(letter));
  }

  #remember(head: LetterHead): void {
    const id = letterId(head);
    this.#bytes += head.bytes - (this.#heads.get(id)?.bytes ?? 0);
    this.#heads.set(id, head);
  }

  async #makeRoom(): Promise<void> {
    const { maxLetters = 10_000, maxBytes = 512 * 1024 * 1024 } = this.#options;
    for (const [id, head] of this.#heads) {
      if (this.#heads.size <= maxLetters && this.#bytes <= maxBytes) return;
      await rm(this.#path(head), { force: true });
      this.#heads.delete(id);
      this.#bytes -= head.bytes;
    }
  }

  #path({ topic, partition, offset }: Pick<DeadLetter, "topic" | "partition" | "offset">): string {
    return join(this.#options.folder, topic, `${partition}-${offset}.letter`);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function headOf({ value, ...head }: DeadLetter): LetterHead {
  return { ...head, bytes: value.length };
}
