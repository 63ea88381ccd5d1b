/** Catalogues take turns in the lower and the upper half of the numbers. */
const HALF = 2 ** 30;

interface Numbered<T> {
  readonly list: readonly T[];
  readonly base: number;
}

/**
 * Numbers for the entries of a decoder's catalogue that stay good when the decoder begins a new one (RequestReader): of the
 * catalogue in use and of the one before. Whoever keeps something by number for longer forgets it with each new one.
 */
export class CatalogueNumbers<T> {
  #now: Numbered<T> = { list: [], base: HALF };
  #before: Numbered<T> = { list: [], base: 0 };

  /** Makes the catalogue the one in use, unless it is known. @returns whether it is new */
  take(list: readonly T[]): boolean {
    if (list === this.#now.list || list === this.#before.list) return false;
    this.#before = this.#now;
    this.#now = { list, base: this.#now.base === 0 ? HALF : 0 };
    return true;
  }

  /** What to add to indexes of a known catalogue. */
  baseOf(list: readonly T[]): number {
    return list === this.#before.list ? this.#before.base : this.#now.base;
  }

  /** The entry of a number; undefined for one below 0. */
  at(number: number): T | undefined {
    const { list, base } = number >= HALF === this.#now.base >= HALF ? this.#now : this.#before;
    return list[number - base];
  }
}
