import type { ResourceInfo } from "./columns.ts";
import { marksOf, type PointColumns, type PointMarks } from "./point-columns.ts";
import { RepeatedMessage } from "./repeated-message.ts";

/** Memory for what was sent before: enough for the points of two million series, about. */
const MAX_BYTES = 256 * 1024 * 1024;
/** A length is below this (MAX_PLAIN_BYTES is half of it). */
const LENGTHS = 2 ** 27;
/**
 * One that has not come while so many others were asked for gives way: some rounds of a million series. Where more come in a round than
 * there is memory for, those that are known stay: a round would else put out all of them before they come again.
 */
const UNUSED_TURNS = 200_000;
/** How many of the oldest are looked at for one that gives way. */
const LOOKED_AT = 8;

/** For tests; each has a default. */
export interface RepeatedLimits {
  /** Memory for messages, about. */
  readonly maxBytes: number;
  readonly unusedTurns: number;
}

/**
 * ResourceMetrics messages as they came the last time. An exporter sends the same series in the same order every 15 s: the same bytes
 * but for times and values, which have eight bytes each wherever they are sent as encoders send them. So the new numbers are copied
 * over those of the last time, and if all bytes are then the same, the message is what was decoded before, with these numbers:
 * nothing of it is walked. Where one byte differs it is decoded as any other.
 */
export class RepeatedMetrics {
  /** By resource and length, in the order of their learning or of their last reprieve. */
  readonly #known = new Map<number, RepeatedMessage>();
  readonly #limits: RepeatedLimits;
  #bytes = 0;
  /** ResourceMetrics messages that were asked for, ever. */
  #turn = 0;
  /** Messages that were not walked, ever. */
  hits = 0;
  /** Read last: what came after it before will come after it again. */
  #last: RepeatedMessage | undefined;

  constructor(limits: RepeatedLimits = { maxBytes: MAX_BYTES, unusedTurns: UNUSED_TURNS }) {
    this.#limits = limits;
  }

  /** The resource of the ResourceMetrics `[start, end)` of a stream, after reading it, if it is the one that came next before. */
  readNext(columns: PointColumns, start: number, end: number, stream: number): ResourceInfo | undefined {
    this.#turn++;
    const next = this.#last?.next;
    if (next === undefined || next.length !== end - start || next.stream !== stream || !this.#take(next, columns, start)) return undefined;
    return next.resource;
  }

  /** Reads the ResourceMetrics `[start, end)` if it came before; false, and nothing read, if not, or if one of its times is not sound. */
  read(columns: PointColumns, start: number, end: number, stream: number, resource: ResourceInfo): boolean {
    const known = this.#known.get(keyOf(resource, end - start));
    return known !== undefined && known.stream === stream && this.#take(known, columns, start);
  }

  #take(known: RepeatedMessage, columns: PointColumns, start: number): boolean {
    if (!known.read(columns, start)) return false;
    this.hits++;
    known.usedAt = this.#turn;
    this.#follow(known);
    return true;
  }

  #follow(known: RepeatedMessage): void {
    if (this.#last !== undefined) this.#last.next = known;
    this.#last = known;
  }

  /** Keeps the ResourceMetrics `[start, end)` that has just been decoded, if all its points stand as encoders write them. @param before - it */
  learn(columns: PointColumns, start: number, end: number, stream: number, resource: ResourceInfo, before: PointMarks): void {
    const now = marksOf(columns);
    const [numbers, histograms] = [now.numbers - before.numbers, now.histograms - before.histograms];
    const isWhole = now.knownNumbers - before.knownNumbers === numbers && now.knownHistograms - before.knownHistograms === histograms;
    if (!isWhole || numbers + histograms === 0) return;
    const key = keyOf(resource, end - start);
    this.#forget(key);
    const known = new RepeatedMessage(columns, start, end, { stream, resource, before });
    if (!this.#makeRoom(known.bytes)) return;
    known.usedAt = this.#turn;
    this.#known.set(key, known);
    this.#bytes += known.bytes;
    this.#follow(known);
  }

  #makeRoom(bytes: number): boolean {
    const { maxBytes, unusedTurns } = this.#limits;
    for (let looked = 0; looked < LOOKED_AT && this.#bytes + bytes > maxBytes; looked++) {
      const [oldest] = this.#known;
      if (oldest === undefined) return false;
      const [key, known] = oldest;
      if (this.#turn - known.usedAt > unusedTurns) this.#forget(key);
      else {
        this.#known.delete(key);
        this.#known.set(key, known);
      }
    }
    return this.#bytes + bytes <= maxBytes;
  }

  #forget(key: number): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#bytes -= known.bytes;
    this.#known.delete(key);
    known.next = undefined;
    if (this.#last === known) this.#last = undefined;
  }
}

function keyOf(resource: ResourceInfo, length: number): number {
  return resource.index * LENGTHS + length;
}
