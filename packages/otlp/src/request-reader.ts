import { crc32 } from "node:zlib";
import type { Signal } from "@yunwei/schemas";
import { inflateBody } from "./body.ts";
import type { Decoding, LogDecoding, MetricDecoding, SpanDecoding, StreamIdentity } from "./columns.ts";
import { detachLogs, detachMetrics, detachSpans, freeDetached } from "./detach.ts";
import { freeMemory } from "./free-memory.ts";
import { LogDecoder } from "./log-decoder.ts";
import { MetricDecoder } from "./metric-decoder.ts";
import type { SeriesGuard } from "./series-table.ts";
import { SpanDecoder } from "./span-decoder.ts";

/** Columns of one request that stay as they are; shared by all who read it, so nobody changes them. */
export interface DecodedBySignal {
  readonly metrics: MetricDecoding;
  readonly traces: SpanDecoding;
  readonly logs: LogDecoding;
}

/**
 * Columns kept at once for further readers, about, with the requests they point into: some seconds of full ingest, as a writer waits for
 * a batch to fill while the one before is stored. With a quarter of it the writer read nearly every request of spans and logs once more.
 */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;
/** Above this a door waits a little, so that readers who have fallen behind find what was kept for them. */
const FULL_BYTES = (3 * MAX_KEPT_BYTES) / 4;
/** Nobody comes for what is older. */
const KEPT_MS = 30_000;
/** A full catalogue begins anew, but not before it is so old: series that come and go fill it in days, and may; a label with ids in it does in minutes. */
const RENEW_AFTER_MS = 3_600_000;
/** Of a data point and of another item, about. */
const BYTES_PER_POINT = 40;
const BYTES_PER_ITEM = 120;
/** Most a request may be without its compression. */
export const MAX_PLAIN_BYTES = 64 * 1024 * 1024;

export interface ReaderOptions {
  /** Of new series, where all readers of a request are in this process: another's would keep what it leaves out. */
  readonly guard?: SeriesGuard;
  /** Whether the bus gives consumers the very object that was published (EmbeddedBus does); else a message is known by its bytes and its sender. */
  readonly handsOn?: boolean;
  readonly nowMs?: () => number;
  /** For tests; see MetricDecoder and SpanDecoder. */
  readonly maxSeries?: number;
  readonly maxStrings?: number;
}

/** An Export request as it goes over the bus. */
export interface RequestMessage {
  readonly signal: Signal;
  /** Not to be changed after. */
  readonly value: Uint8Array;
  /** "" or undefined for none. */
  readonly contentEncoding: string | undefined;
  readonly identity: StreamIdentity;
}

interface Kept {
  readonly message: RequestMessage;
  readonly decoded: Decoding;
  readonly bytes: number;
  readonly sinceMs: number;
  reads: number;
}

/** Who may still look at the columns of a request. */
interface Lease {
  /** Readers who have them, and the reader's own list as one. */
  holders: number;
  /** The plain request, where it is a copy of our own. */
  readonly plain: Uint8Array | undefined;
}

/**
 * Reads Export requests for everyone in a process who wants them (the gateway that checks, the writer, the detectors): one
 * catalogue, one inflating and one decoding a request. The bus of a single process hands on the very object that was published; of
 * others a message is found by its checksum, and taken for the one that was read before when its bytes and its sender are the same.
 * What is not kept any more is read again; the result is the same.
 *
 * Catalogues only grow, until they are full: then they begin anew, with other indexes, in arrays of their own. Columns tell by
 * theirs (`series`, `resources`, `strings`) which they belong to; who keeps something by index forgets it when those change.
 *
 * Their memory is given back at once when everyone has released them, not when the garbage is next collected: it comes and goes by
 * hundreds of megabytes a second, and V8 collects the whole heap each time so much has been made (docs/adr/0008).
 */
export class RequestReader {
  readonly #decoders: { metrics: MetricDecoder; traces: SpanDecoder; logs: LogDecoder };
  readonly #bornMs: Record<Signal, number>;
  /** In the order of their coming: the oldest goes first. */
  readonly #kept = new Map<Uint8Array | number, Kept>();
  #keptBytes = 0;
  /** Requests that were read again because nothing was kept of them, where the bus hands on what was published; ever. */
  readAgain = 0;
  #sweep: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #leases = new WeakMap<object, Lease>();
  readonly #readers: number;
  readonly #options: ReaderOptions;
  readonly #nowMs: () => number;

  /**
   * @param readers - how often a request will be read once it is known; it is let go after that. 0 = nobody keeps columns: they
   *   are the decoder's own, good until its next request, and no catalogue of series grows (a door that only checks)
   */
  constructor(readers: number, options: ReaderOptions = {}) {
    this.#readers = readers;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#decoders = { metrics: this.#metricDecoder(), traces: new SpanDecoder(options.maxStrings), logs: new LogDecoder() };
    const bornMs = this.#nowMs();
    this.#bornMs = { metrics: bornMs, traces: bornMs, logs: bornMs };
  }

  /** Of metrics, with its catalogue; another object once that has begun anew. */
  get metrics(): MetricDecoder {
    return this.#decoders.metrics;
  }

  /**
   * The request in a bus message. Who is done with it may `release` it.
   * @param value - as on the bus; not to be changed after
   * @throws YunweiError YUNWEI_OTLP_INVALID, YUNWEI_OTLP_TOO_LARGE, YUNWEI_OTLP_TYPE_UNSUPPORTED
   */
  async read<S extends Signal>(signal: S, value: Uint8Array, contentEncoding: string | undefined, identity: StreamIdentity): Promise<DecodedBySignal[S]> {
    const message = { signal, value, contentEncoding, identity };
    const key = this.#keyOf(value);
    const kept = key === undefined ? undefined : this.#kept.get(key);
    if (key !== undefined && kept !== undefined && isSame(kept.message, message)) {
      this.#leases.get(kept.decoded)!.holders++;
      if (++kept.reads >= this.#readers) this.#forget(key, kept);
      return kept.decoded as DecodedBySignal[S];
    }
    if (this.#options.handsOn === true) this.readAgain++;
    const plain = await inflateBody(value, contentEncoding, MAX_PLAIN_BYTES);
    const decoded = this.decode(signal, plain, identity);
    this.#lend(decoded, plain === value ? undefined : plain);
    this.#keep(key, { message, decoded, reads: 1 });
    return decoded;
  }

  /** What a message is found by; undefined where nobody else here will read it. */
  #keyOf(value: Uint8Array): Uint8Array | number | undefined {
    if (this.#options.handsOn === true) return value;
    return this.#readers > 1 ? crc32(value) : undefined;
  }

  /** Whoever has read these columns will not look at them again. The last one gives their memory back: whoever looks at them then finds them empty. */
  release(decoded: Decoding): void {
    const lease = this.#leases.get(decoded);
    if (lease === undefined || --lease.holders > 0) return;
    this.#leases.delete(decoded);
    if (this.#readers > 0) freeDetached(decoded); // else they are the decoder's
    if (lease.plain !== undefined) freeMemory(lease.plain);
  }

  /** @param plain - the request that they are of, where nobody else has it */
  #lend(decoded: Decoding, plain: Uint8Array | undefined): void {
    const pointsIntoIt = !("numbers" in decoded);
    if (plain !== undefined && !pointsIntoIt) freeMemory(plain);
    const lease = this.#leases.get(decoded);
    if (lease === undefined) this.#leases.set(decoded, { holders: 1, plain: pointsIntoIt ? plain : undefined });
    else lease.holders++;
  }

  /** Decodes a plain request at once. @throws YunweiError YUNWEI_OTLP_INVALID */
  decode<S extends Signal>(signal: S, body: Uint8Array, identity: StreamIdentity): DecodedBySignal[S] {
    if (this.#decoders[signal].isFull) this.#renew(signal);
    const { metrics, traces, logs } = this.#decoders;
    if (signal === "metrics") {
      metrics.decode(body, identity);
      return (this.#readers === 0 ? metrics : detachMetrics(metrics)) as DecodedBySignal[S];
    }
    if (signal === "traces") {
      traces.decode(body, identity);
      return (this.#readers === 0 ? traces : detachSpans(traces)) as DecodedBySignal[S];
    }
    logs.decode(body, identity);
    return (this.#readers === 0 ? logs : detachLogs(logs)) as DecodedBySignal[S];
  }

  #renew(signal: Signal): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#bornMs[signal] < RENEW_AFTER_MS) return;
    this.#bornMs[signal] = nowMs;
    if (signal === "traces") this.#decoders.traces = new SpanDecoder(this.#options.maxStrings);
    else if (signal === "logs") this.#decoders.logs = new LogDecoder();
    else {
      this.#options.guard?.restart();
      this.#decoders.metrics = this.#metricDecoder();
    }
    for (const [value, kept] of this.#kept) this.#forget(value, kept);
  }

  #metricDecoder(): MetricDecoder {
    const { guard, maxSeries } = this.#options;
    return new MetricDecoder({ keepsSeries: this.#readers > 0, guard, maxSeries });
  }

  /**
   * Keeps columns for those who will read the message; whoever has decoded them is done with them.
   * @param plain - the request that they are of, where nobody else has it: its memory is given back with theirs
   */
  remember(message: RequestMessage, decoded: Decoding, plain?: Uint8Array): void {
    this.#lend(decoded, plain);
    this.#keep(this.#keyOf(message.value), { message, decoded, reads: 0 });
    this.release(decoded);
  }

  #keep(key: Uint8Array | number | undefined, read: Pick<Kept, "message" | "decoded" | "reads">): void {
    const { decoded, reads } = read;
    if (key === undefined || reads >= this.#readers || this.#kept.has(key) || !this.#isOfNow(decoded)) return;
    this.#leases.get(decoded)!.holders++;
    const kept = { ...read, bytes: bytesOf(decoded), sinceMs: performance.now() };
    this.#kept.set(key, kept);
    this.#keptBytes += kept.bytes;
    for (const [oldest, old] of this.#kept) {
      if (this.#keptBytes <= MAX_KEPT_BYTES) break;
      this.#forget(oldest, old);
    }
    this.#sweep ??= setInterval(() => this.#forgetOld(), KEPT_MS).unref();
  }

  /** Whether its catalogue is in use: one that was decoded just before a new one began is not kept for those who come after. */
  #isOfNow({ resources }: Decoding): boolean {
    const { metrics, traces, logs } = this.#decoders;
    return resources === metrics.resources || resources === traces.resources || resources === logs.resources;
  }

  #forgetOld(): void {
    const untilMs = performance.now() - KEPT_MS;
    for (const [value, kept] of this.#kept) {
      if (kept.sinceMs > untilMs) return;
      this.#forget(value, kept);
    }
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  /**
   * Resolves when the readers have caught up, or after this long: a store that is away must not keep senders out. At once where others may
   * read what comes in: nobody here may ever come for it.
   */
  async room(mostMs: number): Promise<void> {
    if (this.#options.handsOn !== true || this.#keptBytes < FULL_BYTES) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, mostMs);
      this.#waiting.add(done);
    });
  }

  #forget(key: Uint8Array | number, kept: Kept): void {
    this.#kept.delete(key);
    this.#keptBytes -= kept.bytes;
    this.release(kept.decoded);
    if (this.#waiting.size > 0 && this.#keptBytes < FULL_BYTES) for (const done of this.#waiting) done();
  }
}

/** Whether two messages are decoded to the same columns. */
function isSame(one: RequestMessage, other: RequestMessage): boolean {
  if (one.value === other.value) return true;
  if (one.signal !== other.signal || (one.contentEncoding ?? "") !== (other.contentEncoding ?? "")) return false;
  const { source, site, tier, department, receivedMs } = one.identity;
  const { identity } = other;
  if (source !== identity.source || site !== identity.site || tier !== identity.tier || department !== identity.department) return false;
  return receivedMs === identity.receivedMs && Buffer.compare(one.value, other.value) === 0;
}

function bytesOf(decoded: Decoding): number {
  if ("numbers" in decoded) return BYTES_PER_POINT * (decoded.numbers.count + 4 * decoded.histograms.count + decoded.summaries.count);
  return decoded.body.length + BYTES_PER_ITEM * ("spans" in decoded ? decoded.spans.count : decoded.logs.count);
}
