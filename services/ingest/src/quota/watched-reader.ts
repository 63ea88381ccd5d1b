import {
  type DecodedBySignal,
  type Decoding,
  type LogDecoding,
  type MetricDecoding,
  type RequestMessage,
  RequestReader,
  type SpanDecoding,
  type StreamIdentity,
} from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { newestItemMs } from "../clock-skew/newest-item.ts";

/** What is known of a request as soon as it is decoded. */
export interface SeenRequest {
  readonly items: number;
  /** Metric series that this process had not seen before. */
  readonly newSeries: number;
  /** Time of the newest item, Unix milliseconds; -Infinity when there is none. */
  readonly newestMs: number;
  /** The catalogue has begun anew since the last request: what is new to it is nobody's fault. */
  readonly relearns: boolean;
}

/** The reader of a process, with somebody who looks at a request between its decoding and everything else, and may refuse it by throwing. */
export class WatchedReader extends RequestReader {
  readonly #inner: RequestReader;
  /** Its decoder when it was asked last. */
  #decoder: RequestReader["metrics"];
  readonly #watchers = new WeakMap<StreamIdentity, (seen: SeenRequest) => void>();

  constructor(inner: RequestReader) {
    super(0); // its own decoders stay empty: all is handed on
    this.#inner = inner;
    this.#decoder = inner.metrics;
  }

  override get metrics(): RequestReader["metrics"] {
    return this.#inner.metrics;
  }

  /** @param identity - the very object that the request will be decoded with */
  watch(identity: StreamIdentity, watcher: (seen: SeenRequest) => void): void {
    this.#watchers.set(identity, watcher);
  }

  override decode<S extends Signal>(signal: S, body: Uint8Array, identity: StreamIdentity): DecodedBySignal[S] {
    const watcher = this.#watchers.get(identity);
    const before = this.#knownSeries();
    let decoded: DecodedBySignal[S];
    try {
      decoded = this.#inner.decode(signal, body, identity);
    } catch (error) {
      // What a broken request has taught us is paid for too.
      this.#tell(watcher, { items: 0, ...this.#newSince(before), newestMs: Number.NEGATIVE_INFINITY });
      throw error;
    }
    watcher?.({ items: itemsOf(signal, decoded), ...this.#newSince(before), newestMs: newestItemMs(signal, decoded) });
    return decoded;
  }

  #tell(watcher: ((seen: SeenRequest) => void) | undefined, seen: SeenRequest): void {
    try {
      watcher?.(seen);
    } catch {
      // It is refused for what is wrong with it.
    }
  }

  override read<S extends Signal>(signal: S, value: Uint8Array, contentEncoding: string | undefined, identity: StreamIdentity): Promise<DecodedBySignal[S]> {
    return this.#inner.read(signal, value, contentEncoding, identity);
  }

  override room(mostMs: number): Promise<void> {
    return this.#inner.room(mostMs);
  }

  override remember(message: RequestMessage, decoded: Decoding, plain?: Uint8Array): void {
    this.#inner.remember(message, decoded, plain);
  }

  override release(decoded: Decoding): void {
    this.#inner.release(decoded);
  }

  #newSince(before: number): Pick<SeenRequest, "newSeries" | "relearns"> {
    const { metrics } = this.#inner;
    const relearns = metrics !== this.#decoder;
    this.#decoder = metrics;
    return { newSeries: relearns ? 0 : this.#knownSeries() - before, relearns };
  }

  /** By the catalogue, or by raw forms in a process that keeps none. */
  #knownSeries(): number {
    const { metrics } = this.#inner;
    return metrics.series.length > 0 ? metrics.series.length : metrics.rawSeries;
  }
}

function itemsOf(signal: Signal, decoded: Decoding): number {
  if (signal === "logs") return (decoded as LogDecoding).logs.count;
  if (signal === "traces") return (decoded as SpanDecoding).spans.count;
  const { numbers, histograms, summaries } = decoded as MetricDecoding;
  return numbers.count + histograms.count + summaries.count;
}
