import { type ApiClient, OtlpRefusedError, type RejectedItems, type SpawnedStandalone, sendOtlp } from "@yunwei/testkit";
import { drained, ingestLag } from "./drain.ts";
import { type Pace, paceOf } from "./pace.ts";
import type { ReplayPhase, ReplayRequest } from "./replay-source.ts";
import { sleep } from "./sleep.ts";

/** Requests are sent side by side within a slice of event time this long; the next slice waits for all of it. */
const SLICE_MS = 15_000;
const SIDE_BY_SIDE = 8;
/** Messages that may wait to be stored before more are sent. */
const MAX_LAG = 400;
/** The lag is asked for after so many requests. */
const LOOK_EVERY = 100;
const REFUSALS_TOLD = 10;

/** What was sent, and what the gateway did not take. */
export interface FeedCount {
  requests: number;
  bytes: number;
  /** Items left out of requests that were taken (partial success). */
  rejectedItems: number;
  /** Requests refused as a whole. */
  refusedRequests: number;
}

export interface FeedOptions {
  readonly standalone: SpawnedStandalone;
  readonly api: ApiClient;
  /** Event seconds per second; undefined = as fast as the pipeline drains. */
  readonly speed: number | undefined;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
  readonly progress: (timeMs: number, count: Readonly<FeedCount>) => void;
}

/** Feeds phases of a recording through the gateway, in the order of event time. */
export class Feed {
  readonly count: FeedCount = { requests: 0, bytes: 0, rejectedItems: 0, refusedRequests: 0 };
  readonly #options: FeedOptions;
  #told = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Resolves when all of it is acknowledged, stored and judged, or when `stop` is given (what was sent is acknowledged then too). @throws Error when the gateway cannot be reached or knows us not */
  async run(phase: ReplayPhase): Promise<void> {
    const { stop, speed, progress } = this.#options;
    const factor = speed ?? phase.mostSpeed;
    let pace: Pace | undefined;
    let slice: ReplayRequest[] = [];
    let sliceEndMs = Number.NEGATIVE_INFINITY;
    for await (const request of phase.requests) {
      if (stop.aborted) break;
      pace ??= paceOf(factor, request.timeMs, performance.now());
      if (slice.length > 0 && (request.timeMs >= sliceEndMs || slice.length >= LOOK_EVERY)) {
        await this.#send(slice);
        slice = [];
        progress(request.timeMs, this.count);
        await sleep(pace.waitMs(request.timeMs, performance.now()), stop);
        await this.#letDrain();
      }
      if (slice.length === 0) sliceEndMs = request.timeMs + SLICE_MS;
      slice.push(request);
    }
    await this.#send(slice);
    if (!stop.aborted) {
      if (pace !== undefined) await sleep(pace.waitMs(phase.toMs, performance.now()), stop);
      await drained(this.#options.standalone, this.#options.api, stop);
    }
    progress(phase.toMs, this.count);
  }

  async #send(slice: readonly ReplayRequest[]): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let at = next++; at < slice.length; at = next++) await this.#sendOne(slice[at]!);
    };
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, slice.length) }, lane));
    for (const { acknowledged } of slice) acknowledged?.();
  }

  async #sendOne({ signal, body, encoding, compression, origin }: ReplayRequest): Promise<void> {
    this.count.requests++;
    this.count.bytes += body.length;
    try {
      const { rejected, message } = await sendOtlp(this.#options.standalone, signal, body, { encoding, ...(compression === undefined ? {} : { compression }) });
      if (rejected > 0) this.#notTaken(origin, { rejected, message });
    } catch (error) {
      if (!(error instanceof OtlpRefusedError) || ![400, 413, 415].includes(error.status)) throw error;
      this.count.refusedRequests++;
      this.#complain(`${origin}: refused: ${error.message}`);
    }
  }

  #notTaken(origin: string, { rejected, message }: RejectedItems): void {
    this.count.rejectedItems += rejected;
    this.#complain(`${origin}: ${rejected} item(s) left out: ${message}`);
  }

  #complain(line: string): void {
    this.#told++;
    if (this.#told <= REFUSALS_TOLD) this.#options.tell(line);
    if (this.#told === REFUSALS_TOLD) this.#options.tell("further ones are only counted");
  }

  async #letDrain(): Promise<void> {
    const { standalone, stop } = this.#options;
    while (!stop.aborted && (await ingestLag(standalone)) > MAX_LAG) await sleep(100, stop);
  }
}
