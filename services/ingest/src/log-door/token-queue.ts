import { LogRequestWriter, type OutgoingAttributes, type OutgoingLog } from "@yunwei/otlp";
import { YunweiError } from "@yunwei/schemas";
import type { IngestToken } from "../domain/ingest-token.ts";
import type { Admission, Protocol } from "../gateway/admission.ts";
import type { LossCounter } from "./loss-counter.ts";

export interface TokenQueueOptions {
  readonly admission: Admission;
  readonly protocol: Protocol;
  readonly losses: LossCounter;
  /** A request is sent with so many records or bytes, or when its first record has waited so long. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  /** Over so many waiting bytes there is no room. */
  readonly maxQueuedBytes: number;
}

interface Waiting {
  readonly resource: OutgoingAttributes;
  readonly log: OutgoingLog;
  readonly bytes: number;
  readonly stored: (() => void) | undefined;
}

/** What a record takes in memory beside its text. */
const RECORD_BYTES = 400;
/** Well above `maxBytes` and its keys; Admission refuses what is larger than a message of the bus. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Tries of a request while closing, and of one that fails with an error that nobody foresaw. */
const LAST_TRIES = 5;

/** Records of one token on their way to Admission: one request at a time, in order, again and again while the bus is away. */
export class TokenQueue {
  readonly #token: IngestToken;
  readonly #options: TokenQueueOptions;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #roomWaiters: (() => void)[] = [];
  #closing = false;

  constructor(token: IngestToken, options: TokenQueueOptions) {
    this.#token = token;
    this.#options = options;
  }

  get hasRoom(): boolean {
    return this.#bytes < this.#options.maxQueuedBytes;
  }

  /** Resolves when half of the queue is free. */
  whenRoom(): Promise<void> {
    return this.hasRoom ? Promise.resolve() : new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** @param stored - called when the record is durable, and only then */
  add(resource: OutgoingAttributes, log: OutgoingLog, textBytes: number, stored?: () => void): void {
    const bytes = textBytes + RECORD_BYTES;
    this.#waiting.push({ resource, log, bytes, stored });
    this.#bytes += bytes;
    if (this.#isFull()) this.#wake?.();
    this.#running ??= this.#run();
  }

  /** Sends what waits, with a few tries; what cannot be sent then is counted as dropped. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    await this.#running;
  }

  #isFull(): boolean {
    return this.#closing || !this.hasRoom || this.#waiting.length >= this.#options.maxRecords || this.#bytes >= this.#options.maxBytes;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!this.#isFull()) await this.#pause(this.#options.maxWaitMs);
      await this.#send(this.#cut());
    }
    this.#running = undefined;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The next request's records; they stay counted as waiting until it is answered. */
  #cut(): readonly Waiting[] {
    const { maxRecords, maxBytes } = this.#options;
    let many = 1;
    let bytes = this.#waiting[0]!.bytes;
    while (many < this.#waiting.length && many < maxRecords && bytes + this.#waiting[many]!.bytes <= maxBytes) bytes += this.#waiting[many++]!.bytes;
    if (many === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, many);
  }

  async #send(records: readonly Waiting[]): Promise<void> {
    const { protocol } = this.#options;
    const writer = new LogRequestWriter(`yunwei.${protocol}`, MAX_REQUEST_BYTES);
    let bytes = 0;
    for (const one of records) {
      writer.add(one.resource, one.log);
      bytes += one.bytes;
    }
    try {
      await this.#deliver(writer.end(), records.length);
      for (const { stored } of records) stored?.();
    } catch (error) {
      this.#lose(error, records.length);
    }
    this.#bytes -= bytes;
    if (this.#bytes <= this.#options.maxQueuedBytes / 2) for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  async #deliver(body: Uint8Array, records: number): Promise<void> {
    let unforeseen = 0;
    let lastTries = 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.#take(body);
        return;
      } catch (error) {
        if (error instanceof YunweiError ? !error.retryable : ++unforeseen >= LAST_TRIES) throw error;
        if (this.#closing && ++lastTries >= LAST_TRIES) throw error;
        if (pauseMs === LONGEST_PAUSE_MS) this.#options.admission.refusal(error, { protocol: this.#options.protocol, records });
        await this.#pause(this.#closing ? FIRST_PAUSE_MS : pauseMs);
      }
    }
  }

  async #take(body: Uint8Array): Promise<void> {
    const { admission, protocol } = this.#options;
    const release = admission.hold(body.length);
    try {
      await admission.take({ protocol, signal: "logs", encoding: "protobuf", body, contentEncoding: "", token: this.#token, receivedMs: admission.nowMs() });
    } finally {
      release();
    }
  }

  #lose(error: unknown, records: number): void {
    const { losses } = this.#options;
    const isRefused = error instanceof YunweiError && !error.retryable;
    losses.count(isRefused ? "rejected" : "dropped", this.#token.id, records, error instanceof Error ? error.message : String(error));
  }
}
