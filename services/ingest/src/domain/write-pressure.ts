/** Limits of a writer's batches. */
export interface BatchLimits {
  readonly messages: number;
  readonly bytes: number;
  readonly lingerMs: number;
}

const CALM: BatchLimits = { messages: 4_000, bytes: 16 * 1024 * 1024, lingerMs: 1_000 };
/** Of a batch that shows that much is coming in: the next one waits longer, for fewer inserts and fewer merges after them. */
const BUSY_BYTES = 1024 * 1024;
const BUSY_LINGER_MS = 2_500;
/** Each step doubles the time a batch waits for more and halves the batches in hand; no more than this many. */
const MAX_LEVEL = 4;
/** Batches stored in a row that take a step back. */
const CALM_AFTER = 20;
const MAX_MESSAGES = 16_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** ClickHouse: too many parts; memory limit; too many simultaneous queries. */
const TOO_MANY_PARTS = 252;
const OVERLOADED: ReadonlySet<number> = new Set([TOO_MANY_PARTS, 241, 202]);

/**
 * Answers an engine that cannot keep up: fewer batches at once, and, when it is parts that are too many, larger ones
 * (notes/backends.md §3.8). Shared by the writers of a process.
 */
export class WritePressure {
  #level = 0;
  #partsLevel = 0;
  #calm = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;

  /** @param most - batches in hand at once when the engine keeps up */
  constructor(most: number) {
    this.#most = most;
  }

  /** Steps taken, 0 to 4. */
  get level(): number {
    return this.#level;
  }

  /** @param lastBytes - size of the writer's batch before: where much comes, it pays to wait for more */
  batch(lastBytes: number): BatchLimits {
    const factor = 2 ** this.#partsLevel;
    return {
      messages: Math.min(CALM.messages * factor, MAX_MESSAGES),
      bytes: Math.min(CALM.bytes * factor, MAX_BYTES),
      lingerMs: (lastBytes >= BUSY_BYTES ? BUSY_LINGER_MS : CALM.lingerMs) * factor,
    };
  }

  /** Batches that may be in hand now. */
  get concurrency(): number {
    return Math.max(1, this.#most >>> this.#level);
  }

  /** Runs `work` when there is room for it; its outcome moves the level. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running >= this.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const result = await work();
      this.#stored();
      return result;
    } catch (error) {
      this.#failed(engineCodeOf(error));
      throw error;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #stored(): void {
    if (this.#level === 0 || ++this.#calm < CALM_AFTER) return;
    this.#calm = 0;
    this.#level--;
    this.#partsLevel = Math.min(this.#partsLevel, this.#level);
    this.#waiting.shift()?.();
  }

  #failed(engineCode: number): void {
    if (!OVERLOADED.has(engineCode)) return;
    this.#calm = 0;
    this.#level = Math.min(this.#level + 1, MAX_LEVEL);
    if (engineCode === TOO_MANY_PARTS) this.#partsLevel = Math.min(this.#partsLevel + 1, MAX_LEVEL);
  }
}

/** The engine's own code in an error of the Store; 0 for none. */
function engineCodeOf(error: unknown): number {
  const details = error instanceof Error && "details" in error ? (error.details as { engineCode?: unknown } | undefined) : undefined;
  return typeof details?.engineCode === "number" ? details.engineCode : 0;
}
