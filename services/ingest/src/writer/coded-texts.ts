import { wider } from "@yunwei/otlp";
import type { DictionaryColumn } from "@yunwei/store";

/** Pushes texts that have a number of their own already: their code in the column is looked up once, not for every row. */
export class CodedTexts {
  readonly #column: DictionaryColumn;
  /** Code + 1 by number; 0 = not asked for yet. */
  #codes = new Int32Array(256);
  #catalogue: readonly unknown[] | undefined;

  constructor(column: DictionaryColumn) {
    this.#column = column;
  }

  /** What is pushed from now on has the numbers of this catalogue. */
  of(catalogue: readonly unknown[]): void {
    if (catalogue === this.#catalogue) return;
    this.#catalogue = catalogue;
    this.#codes.fill(0);
  }

  /** @param number - of the text, always the same one for it in a catalogue */
  push(number: number, text: string): void {
    const known = number < this.#codes.length ? this.#codes[number]! : 0;
    if (known > 0) this.#column.push(known - 1);
    else this.#first(number, text);
  }

  #first(number: number, text: string): void {
    const code = this.#column.code(text);
    if (code < 0) {
      this.#column.text(text);
      return;
    }
    if (number >= this.#codes.length) this.#codes = wider(this.#codes, number + 1);
    this.#codes[number] = code + 1;
    this.#column.push(code);
  }
}
