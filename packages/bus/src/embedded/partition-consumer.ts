import type { BatchHandler, DeliveredMessage, SubscribeOptions } from "../bus.ts";
import type { OffsetFile } from "./offset-file.ts";
import type { PartitionLog, ReadPosition } from "./partition-log.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** While a batch lingers it looks for more this often: to be woken for every message would cost more than the messages. */
const LINGER_STEP_MS = 20;

/** Runs one group's handler over one partition: read, linger, cut, handle, commit; a rejection is delivered again. */
export class PartitionConsumer {
  readonly #log: PartitionLog;
  readonly #partition: number;
  readonly #offsets: OffsetFile;
  readonly #options: SubscribeOptions;
  readonly #handler: BatchHandler;
  readonly #onTrouble: (message: string) => void;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #from: ReadPosition;

  constructor(
    log: PartitionLog,
    partition: number,
    offsets: OffsetFile,
    options: SubscribeOptions,
    handler: BatchHandler,
    onTrouble: (message: string) => void,
  ) {
    this.#log = log;
    this.#partition = partition;
    this.#offsets = offsets;
    this.#options = options;
    this.#handler = handler;
    this.#onTrouble = onTrouble;
    this.#from = { offset: offsets.next ?? (options.from === "latest" ? log.nextOffset : log.firstOffset) };
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    if (this.#offsets.next === undefined) await this.#offsets.commit(this.#from.offset);
    while (!signal.aborted) {
      await this.#log.waitFor(this.#from.offset, signal);
      if (signal.aborted) break;
      const batch = await this.#gather();
      if (batch.length > 0 && !(await this.#handle(batch))) break;
      if (batch.length > 0) await this.#offsets.commit(this.#from.offset);
    }
  }

  async #gather(): Promise<DeliveredMessage[]> {
    const { maxMessages = 1_000, maxBytes = 8 * 1024 * 1024, lingerMs = 0, cut } = this.#options;
    const lastOffset = await cut?.(this.#partition, this.#from.offset);
    if (lastOffset !== undefined) return this.#readTo(lastOffset);
    const batch = await this.#log.read(this.#from, maxMessages, maxBytes);
    let bytes = batch.reduce((sum, message) => sum + message.value.length, 0);
    const deadline = Date.now() + lingerMs;
    while (lingerMs > 0 && batch.length < maxMessages && bytes < maxBytes && Date.now() < deadline && !this.#stop.signal.aborted) {
      await sleep(Math.min(LINGER_STEP_MS, deadline - Date.now()), this.#stop.signal);
      const more = await this.#log.read(this.#from, maxMessages - batch.length, maxBytes - bytes);
      for (const message of more) bytes += message.value.length;
      batch.push(...more);
    }
    return batch;
  }

  /** The batch that was cut before: every message up to `lastOffset`, whatever the limits. */
  async #readTo(lastOffset: number): Promise<DeliveredMessage[]> {
    const batch: DeliveredMessage[] = [];
    while (this.#from.offset <= lastOffset) {
      const more = await this.#log.read(this.#from, lastOffset - this.#from.offset + 1, Number.MAX_SAFE_INTEGER);
      if (more.length === 0) break;
      batch.push(...more);
    }
    return batch;
  }

  /** False when stopped before the handler took the batch. */
  async #handle(batch: readonly DeliveredMessage[]): Promise<boolean> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.#handler(batch);
        return true;
      } catch (error) {
        if (this.#stop.signal.aborted) return false;
        const where = `${this.#options.topic}/${this.#partition} from ${batch[0]!.offset}`;
        this.#onTrouble(
          `group ${this.#options.groupId}: ${where} is delivered again in ${pauseMs} ms: ${error instanceof Error ? error.message : String(error)}`,
        );
        await sleep(pauseMs, this.#stop.signal);
        if (this.#stop.signal.aborted) return false;
      }
    }
  }

  /** Messages behind the commit. */
  get lag(): number {
    return Math.max(0, this.#log.nextOffset - (this.#offsets.next ?? this.#log.firstOffset));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#offsets.close();
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
