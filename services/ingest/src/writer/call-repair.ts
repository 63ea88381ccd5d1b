import type { Logger } from "@yunwei/service-kit";
import { lastSpanCut, type MarkedMinute, markCallMinutes, noteCallRepair, pendingCallMinutes, repairCallMinute, type Store } from "@yunwei/store";
import { CallMarks } from "../domain/call-marks.ts";

const LOOK_EVERY_MS = 30_000;
const MINUTES_AT_ONCE = 20;
/** A minute that cannot be counted (too many spans for the engine's limits) keeps its first count after so many tries. */
const MAX_TRIES = 3;
/** Ends that waited when a process died began at most so long before its last batch. */
const BEFORE_MINUTES = 6;
/** After each minute the engine rests so many times longer: counting must not take it from the writers. */
const REST_FACTOR = 2;

export interface CallRepairOptions {
  readonly store: Store;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Counts the calls of marked minutes anew from the stored spans, once those are all there (docs/adr/0012). */
export class CallRepair {
  readonly marks = new CallMarks();
  readonly #options: CallRepairOptions;
  readonly #tries = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: CallRepairOptions) {
    this.#options = options;
  }

  /** Marks what an earlier life may have left half-counted, before the first batch is taken. */
  async start(): Promise<void> {
    const { store, nowMs, logger } = this.#options;
    const cutS = await lastSpanCut(store);
    if (cutS !== undefined) {
      const last = Math.floor(cutS / 60) + 1;
      for (let minute = last - BEFORE_MINUTES - 1; minute <= last; minute++) this.marks.mark(minute, nowMs());
      await this.writeMarks();
    }
    this.#timer = setInterval(() => {
      this.#running = this.#running
        .then(() => this.repairPending())
        .catch((error: unknown) => logger.warn({ err: error }, "calls could not be counted anew; they will be"));
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** Writes down the minutes that were marked since; before the batch that marked them is committed. */
  async writeMarks(): Promise<void> {
    const { due } = this.marks;
    if (due.length === 0) return;
    await markCallMinutes(this.#options.store, due, this.#options.nowMs());
    this.marks.written(due);
  }

  /** Counts the minutes that can be counted now. @returns how many were */
  async repairPending(): Promise<number> {
    const { store, nowMs } = this.#options;
    let done = 0;
    for (const marked of await pendingCallMinutes(store, nowMs(), MINUTES_AT_ONCE)) {
      if (this.#closed) break;
      this.marks.watch(marked.minute);
      const begun = performance.now();
      if (await this.#repair(marked)) done++;
      await new Promise((resolve) => setTimeout(resolve, REST_FACTOR * (performance.now() - begun)));
    }
    return done;
  }

  async #repair(marked: MarkedMinute): Promise<boolean> {
    const { store, logger } = this.#options;
    try {
      await repairCallMinute(store, marked);
    } catch (error) {
      const tries = (this.#tries.get(marked.minute) ?? 0) + 1;
      this.#tries.set(marked.minute, tries);
      if (tries < MAX_TRIES) throw error;
      logger.error(
        { err: error, minute: new Date(60_000 * marked.minute).toISOString() },
        "the calls of a minute cannot be counted from its spans; they stay as they were first counted",
      );
    }
    this.#tries.delete(marked.minute);
    await noteCallRepair(store, marked);
    return true;
  }

  /** Waits for the minute in hand. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#running;
  }
}
