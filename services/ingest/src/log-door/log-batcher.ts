import type { OutgoingAttributes, OutgoingLog } from "@yunwei/otlp";
import type { IngestToken } from "../domain/ingest-token.ts";
import { TokenQueue, type TokenQueueOptions } from "./token-queue.ts";

export type LogBatcherOptions = Pick<TokenQueueOptions, "admission" | "protocol" | "losses"> & Partial<TokenQueueOptions>;

const DEFAULTS = { maxRecords: 1_000, maxBytes: 512 * 1024, maxWaitMs: 200, maxQueuedBytes: 16 * 1024 * 1024 };

/** Makes few large requests of many small messages: a queue for each token, so that one sender's flood takes no other's room. */
export class LogBatcher {
  readonly #options: TokenQueueOptions;
  readonly #queues = new Map<string, TokenQueue>();

  constructor(options: LogBatcherOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** False when the sender must wait or lose: ask before `add`. */
  hasRoom(token: IngestToken): boolean {
    return this.#queues.get(token.id)?.hasRoom ?? true;
  }

  whenRoom(token: IngestToken): Promise<void> {
    return this.#queueOf(token).whenRoom();
  }

  /**
   * Queues a record, also without room: a caller that can make its sender wait may finish what it has in hand.
   * @param textBytes - about what it takes. @param stored - called when the record is durable, and only then
   */
  add(token: IngestToken, resource: OutgoingAttributes, log: OutgoingLog, textBytes: number, stored?: () => void): void {
    this.#queueOf(token).add(resource, log, textBytes, stored);
  }

  /** Sends what waits. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #queueOf(token: IngestToken): TokenQueue {
    let queue = this.#queues.get(token.id);
    if (queue === undefined) this.#queues.set(token.id, (queue = new TokenQueue(token, this.#options)));
    return queue;
  }
}
