import { Agent, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Signal } from "@yunwei/schemas";
import { rejectedItems } from "@yunwei/testkit";
import { numberedRequest } from "./numbered-request.ts";
import { type SentRequest, SentRequests } from "./sent-requests.ts";

export interface LoadOptions {
  /** Base addresses of the doors, taken in turn; a try after a failure goes to the next one. */
  readonly doors: readonly string[];
  readonly token: string;
  /** Items a second of each signal. */
  readonly itemsPerSecond: number;
}

const SIGNALS: readonly Signal[] = ["metrics", "logs", "traces"];
const PATH: Readonly<Record<Signal, string>> = { metrics: "/v1/metrics", traces: "/v1/traces", logs: "/v1/logs" };
const ITEMS_PER_REQUEST = 10;
/** Of each signal; more wait, as the queue of an exporter does. */
const MAX_OPEN = 64;
/** How long the OTLP exporters of the SDKs wait for an answer. */
const ANSWER_LIMIT_MS = 10_000;
const PAUSE_MS = 300;

interface Answer {
  /** HTTP status; 0: no answer; -1: the connection was refused, so that nothing can have arrived. */
  readonly status: number;
  readonly body: Buffer;
}

/** Senders of all three signals at a constant rate. A request is sent again until it is acknowledged, as OTLP's senders do. */
export class Load {
  readonly sent = new SentRequests();
  readonly #options: LoadOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512 });
  readonly #open = new Set<Promise<void>>();
  /** Answers that no sender should get from a gateway that is whole, e.g. `400 ...`, with their number. */
  readonly strange = new Map<string, number>();
  #timers: NodeJS.Timeout[] = [];
  #stopped = false;
  #door = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    const everyMs = (1_000 * ITEMS_PER_REQUEST) / this.#options.itemsPerSecond;
    for (const signal of SIGNALS) {
      let open = 0;
      const send = (): void => {
        if (open >= MAX_OPEN) return;
        open++;
        const sending = this.#send(signal).finally(() => {
          open--;
          this.#open.delete(sending);
        });
        this.#open.add(sending);
      };
      this.#timers.push(setInterval(send, everyMs));
    }
  }

  get openRequests(): number {
    return this.#open.size;
  }

  /** Begins nothing new, and waits for what is open; what is not acknowledged by then stays so. */
  async stop(limitMs: number): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await Promise.race([Promise.all(this.#open), sleep(limitMs)]);
    this.#stopped = true;
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  async #send(signal: Signal): Promise<void> {
    const { doors } = this.#options;
    const request = this.sent.add(signal, ITEMS_PER_REQUEST);
    const body = numberedRequest(signal, request.first, request.count, Date.now());
    for (let door = this.#door++; !this.#stopped; door++) {
      const answer = await this.#post(`${doors[door % doors.length]!}${PATH[signal]}`, body);
      if (answer.status !== -1) request.reached++;
      if (answer.status === 200) {
        this.#acknowledge(signal, request, answer);
        return;
      }
      if (answer.status > 0 && answer.status !== 503 && answer.status !== 429) this.#note(`${answer.status} ${answer.body.toString("utf8").slice(0, 200)}`);
      await sleep(PAUSE_MS);
    }
  }

  #acknowledge(signal: Signal, request: SentRequest, answer: Answer): void {
    const { rejected, message } = rejectedItems("protobuf", answer.body);
    request.acknowledged = true;
    request.rejected = rejected;
    if (rejected > 0) this.#note(`${signal}: ${rejected} rejected: ${message}`);
  }

  #note(text: string): void {
    this.strange.set(text, (this.strange.get(text) ?? 0) + 1);
  }

  #post(url: string, body: Uint8Array): Promise<Answer> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${this.#options.token}`, "content-type": "application/x-protobuf", "content-length": body.length };
      const sending = httpRequest(url, { method: "POST", agent: this.#agent, headers, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", () => resolve({ status: 0, body: Buffer.alloc(0) }));
        response.once("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      });
      sending.once("error", (error: NodeJS.ErrnoException) => resolve({ status: error.code === "ECONNREFUSED" ? -1 : 0, body: Buffer.alloc(0) }));
      sending.end(body);
    });
  }
}
