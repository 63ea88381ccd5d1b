import type { Logger } from "@yunwei/service-kit";

interface Closer {
  readonly name: string;
  readonly close: () => Promise<unknown>;
}

/** Closers in the order of opening; run backwards, each even when another fails. */
export class Closers {
  readonly #closers: Closer[] = [];
  readonly #first: Closer[] = [];
  #closing: Promise<void> | undefined;
  logger: Logger | undefined;

  add(name: string, close: () => Promise<unknown>): void {
    this.#closers.push({ name, close });
  }

  /** Of something that needs all the others while it closes. */
  addFirst(name: string, close: () => Promise<unknown>): void {
    this.#first.push({ name, close });
  }

  run(): Promise<void> {
    this.#closing ??= (async () => {
      for (const { name, close } of [...this.#first, ...this.#closers.reverse()]) {
        try {
          await close();
        } catch (error) {
          this.logger?.error({ err: error, part: name }, "a part did not close well");
        }
      }
    })();
    return this.#closing;
  }
}
