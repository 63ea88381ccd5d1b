/** Closers of what a part has opened. */
export class Opened {
  readonly #closers: (() => Promise<unknown>)[] = [];

  /** Keeps `opened` to be closed at the end. */
  add<T extends { close(): Promise<unknown> }>(opened: T): T {
    this.#closers.push(() => opened.close());
    return opened;
  }

  /** Something to be done at the end. */
  defer(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Last opened, first closed; each even when another fails. */
  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close().catch(() => undefined);
  }
}

/** Runs `work` and closes what it has opened, whatever happens. */
export async function withOpened<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = new Opened();
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}
