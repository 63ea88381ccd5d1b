import { setTimeout as sleep } from "node:timers/promises";
import type { DeliveredMessage, RelayTarget } from "@yunwei/bus";
import type { Logger } from "@yunwei/service-kit";
import { cutChunk } from "./cut-chunk.ts";
import type { RateCap } from "./rate-cap.ts";
import type { RelayBook } from "./relay-book.ts";
import { originOffset, RELAY_HEADER, type RelayOrigin, relayedBytes, withOrigin } from "./relay-origin.ts";
import type { RelayLaneRecord, RelayState } from "./relay-state.ts";

export interface LaneOptions {
  readonly topic: string;
  readonly partition: number;
  readonly origin: RelayOrigin;
  readonly target: RelayTarget;
  readonly state: RelayState;
  readonly cap: RateCap;
  readonly book: RelayBook;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly mustGiveUp: () => boolean;
  readonly signal: AbortSignal;
}

/** Under a broker's usual limit of a batch (1,048,588 bytes); a larger message travels alone. */
const CHUNK = { maxBytes: 950_000, maxMessages: 5_000 };
/** Sequence numbers end at 2^31 - 1; well before that a lane begins anew, at a moment when nothing of it is under way. */
const MOST_SEQUENCES = 0x7fff_ffff - 10_000_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const TELL_EVERY_MS = 60_000;
/** How far behind the last acknowledged message a batch of unknown fate is looked for, when no leader remembers us. */
const SEARCH_BYTES = 64 * 1024 * 1024;

/**
 * Brings the messages of one local partition to one partition at the core, in order, each once. The sequence number of a message
 * is its offset, counted from where the lane began, under a producer that is remembered on disk: the leader takes nothing but the
 * next one. So every attempt may be repeated, after an answer that was lost as after a kill, and a copy that was held up on the
 * way comes too late. docs/adr/0009-city-relay.md
 */
export class RelayLane {
  readonly #options: LaneOptions;
  /** Every offset below it is at the core or given up; undefined: the leader must be asked. */
  #arrivedTo: number | undefined;
  /** Whether the last attempt was answered, so that nothing is under way. */
  #isSettled = false;
  #refusals = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #downToldMs = Number.NEGATIVE_INFINITY;
  #largest: number = CHUNK.maxMessages;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Resolves when all of them are at the core or given up; rejects only when the signal is aborted. */
  async forward(batch: readonly DeliveredMessage[]): Promise<void> {
    const { topic, partition, book, signal, mustGiveUp } = this.#options;
    let rest = this.#withoutGivenUp(batch);
    for (let pauseMs = FIRST_PAUSE_MS; rest.length > 0; ) {
      signal.throwIfAborted();
      book.of(topic).oldestMs.set(partition, rest[0]!.timestampMs);
      try {
        if (mustGiveUp()) {
          await this.#giveUp(rest);
          break;
        }
        rest = await untilAborted(this.#step(rest), signal);
        pauseMs = FIRST_PAUSE_MS;
        this.#linkIs("up");
      } catch (error) {
        signal.throwIfAborted();
        this.#arrivedTo = undefined;
        this.#linkIs("down", error);
        await this.#options.target.reconnect();
        await sleep(pauseMs, undefined, { signal });
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    book.of(topic).oldestMs.delete(partition);
  }

  /** A kill between giving up and the commit brings them again: the book says that they are gone, and they stay so. */
  #withoutGivenUp(batch: readonly DeliveredMessage[]): readonly DeliveredMessage[] {
    const run = this.#options.state.lastGivenUp(this.#options.topic, this.#options.partition);
    return run === undefined ? batch : batch.filter(({ offset }) => offset < run.first || offset > run.last);
  }

  /** One chunk, or what the leader turns out to have. @returns what is still to be sent */
  async #step(messages: readonly DeliveredMessage[]): Promise<readonly DeliveredMessage[]> {
    const { topic, partition, state, book } = this.#options;
    let lane = state.lane(topic, partition);
    if (lane !== undefined && this.#arrivedTo === undefined) this.#arrivedTo = await this.#ask(lane, messages[0]!.offset);
    const arrivedTo = this.#arrivedTo ?? 0;
    const rest = messages.filter(({ offset }) => offset >= arrivedTo);
    const found = messages.slice(0, messages.length - rest.length);
    if (found.length > 0) book.left(topic, "found", found.length, bytesOf(found));
    const first = rest[0];
    if (first === undefined) return rest;
    const isUsedUp = lane !== undefined && this.#isSettled && first.offset - lane.base > MOST_SEQUENCES;
    if (lane === undefined || first.offset !== arrivedTo || isUsedUp) lane = await this.#begin(first.offset);
    return this.#send(lane, rest);
  }

  async #send(lane: RelayLaneRecord, rest: readonly DeliveredMessage[]): Promise<readonly DeliveredMessage[]> {
    const { topic, partition, target, state, cap, book } = this.#options;
    const count = cutChunk(rest, cap.chunkLimits(CHUNK.maxBytes, this.#largest));
    const chunk = rest.slice(0, count);
    const bytes = bytesOf(chunk);
    await cap.pass(topic, bytes, count);
    const firstOffset = chunk[0]!.offset;
    this.#isSettled = false;
    const outcome = await target.append({
      topic,
      partition: lane.target,
      producerId: lane.producerId,
      firstSequence: firstOffset - lane.base,
      messages: chunk.map((message) => this.#relayed(message)),
    });
    if (outcome.kind === "appended") {
      this.#arrivedTo = firstOffset + count;
      this.#isSettled = true;
      this.#refusals = 0;
      this.#largest = CHUNK.maxMessages;
      state.setFloor(topic, partition, outcome.offset + count);
      book.left(topic, "sent", count, bytes);
      return rest.slice(count);
    }
    if (outcome.kind === "out-of-sequence") {
      // A copy that was held up has come before this one: the leader says how far.
      this.#arrivedTo = undefined;
      if (++this.#refusals > 1) throw new Error(`the core has other messages of ${topic}/${partition} than it says`);
      return rest;
    }
    if (count === 1) throw new Error(`the core takes no message of ${bytes} bytes: raise max.message.bytes of its topic ${topic} to 2 MiB`);
    this.#largest = 1;
    return rest;
  }

  #relayed(message: DeliveredMessage): ReturnType<typeof withOrigin> {
    const relayed = withOrigin(message, this.#options.origin);
    const run = this.#options.state.lastGivenUp(message.topic, message.partition);
    if (run === undefined || run.last + 1 !== message.offset) return relayed;
    return { ...relayed, headers: { ...relayed.headers, [RELAY_HEADER.givenUp]: `${run.first}-${run.last}` } };
  }

  /** How far we came, by what the leader knows of our producer; else by what lies behind the last message that was acknowledged. */
  async #ask(lane: RelayLaneRecord, firstOffset: number): Promise<number> {
    const { topic, partition, target, state, book, logger } = this.#options;
    const last = await target.lastSequence(topic, lane.target, lane.producerId);
    const arrivedTo = last === undefined ? await this.#search(lane, firstOffset) : lane.base + last + 1;
    const messages = await state.arrivedAfterAll(topic, partition, arrivedTo);
    if (messages > 0) {
      book.of(topic).givenUp.messages -= messages;
      logger.info({ topic, partition, messages }, "the core has messages that were given up while they were under way");
    }
    return arrivedTo;
  }

  async #search({ target: at, floor }: RelayLaneRecord, firstOffset: number): Promise<number> {
    const { topic, partition, origin, target, book, logger } = this.#options;
    let arrivedTo = firstOffset;
    let bytes = 0;
    for (let from = floor; bytes < SEARCH_BYTES; ) {
      const { messages, nextOffset } = await target.read(topic, at, from);
      if (nextOffset === from) return arrivedTo;
      for (const message of messages) {
        bytes += relayedBytes(message);
        arrivedTo = Math.max(arrivedTo, (originOffset(message, origin, partition) ?? -1) + 1);
      }
      from = nextOffset;
    }
    if (arrivedTo === firstOffset) {
      book.unproven++;
      logger.error(
        { topic, partition, firstOffset },
        "no leader remembers this relay, and the search for its last batch ended without a result: it may be stored twice",
      );
    }
    return arrivedTo;
  }

  /** A new row of sequence numbers from `base` on. Nothing of ours may be under way: the lane before has been asked, or never was. */
  async #begin(base: number): Promise<RelayLaneRecord> {
    const { topic, partition, target, state, logger } = this.#options;
    const partitions = await target.partitionsOf(topic);
    if (partitions === undefined) throw new Error(`topic ${topic} does not exist at the core: start the core first`);
    const at = partition % partitions;
    const lane = { producerId: await target.newProducer(), base, target: at, floor: await target.endOf(topic, at) };
    const before = state.lane(topic, partition);
    if (before !== undefined && this.#arrivedTo !== base)
      logger.warn(
        { topic, partition, from: this.#arrivedTo, to: base },
        "offsets are left out on the way to the core: given up, unreadable here, or lost there",
      );
    await state.setLane(topic, partition, lane);
    this.#arrivedTo = base;
    return lane;
  }

  async #giveUp(rest: readonly DeliveredMessage[]): Promise<void> {
    const { topic, partition, state, book, nowMs, logger } = this.#options;
    const bytes = bytesOf(rest);
    const run = { topic, partition, first: rest[0]!.offset, last: rest.at(-1)!.offset, messages: rest.length, bytes, atMs: nowMs() };
    await state.giveUp(run);
    book.left(topic, "givenUp", rest.length, bytes);
    if (nowMs() - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs();
    const givenUp = book.of(topic).givenUp.messages;
    logger.error({ ...run, givenUp }, "the backlog for the core is at its limit: the oldest messages are given up, the core will never have them");
  }

  #linkIs(link: "up" | "down", error?: unknown): void {
    const { topic, partition, book, logger, nowMs } = this.#options;
    const isNews = book.setLink(link, nowMs());
    if (link === "up" && isNews) logger.info("the link to the core is up");
    if (link === "up" || (!isNews && nowMs() - this.#downToldMs < TELL_EVERY_MS)) return;
    this.#downToldMs = nowMs();
    logger.warn({ err: error, topic, partition }, "the link to the core is down: what comes in waits here");
  }
}

/** What is left alone may still end well or badly: the next relay asks. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function bytesOf(messages: readonly DeliveredMessage[]): number {
  return messages.reduce((sum, message) => sum + relayedBytes(message), 0);
}
