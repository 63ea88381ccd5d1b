import { metrics } from "@opentelemetry/api";
import type { Signal } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";

/** Why an item did not get to Admission: refused for what it is or who sent it, or no room for it. */
export type Loss = "rejected" | "dropped";

const TELL_EVERY_MS = 60_000;
/** The instrument of Admission: what a door loses before it stands beside what was taken. */
const items = () =>
  metrics.getMeter("yunwei.ingest").createCounter("yunwei.ingest.items", {
    unit: "{item}",
    description: "Items by signal, token, protocol and outcome: accepted (durable on the bus) or rejected.",
  });

/** Counts what a door could not hand on, and tells of it in the log, at most once a minute. */
export class LossCounter {
  readonly #signal: Signal;
  readonly #protocol: string;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #items = items();
  readonly totals: Record<Loss, number> = { rejected: 0, dropped: 0 };
  #told = { rejected: 0, dropped: 0 };
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(protocol: string, logger: Logger, nowMs: () => number, signal: Signal = "logs") {
    this.#signal = signal;
    this.#protocol = protocol;
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  /** @param source - token id, or "unknown". @param reason - for the log; holds nothing secret */
  count(loss: Loss, source: string, many: number, reason: string): void {
    this.totals[loss] += many;
    this.#items.add(many, { signal: this.#signal, source, protocol: this.#protocol, outcome: loss });
    const now = this.#nowMs();
    if (now - this.#toldMs < TELL_EVERY_MS) return;
    const { rejected, dropped } = this.totals;
    this.#logger.warn(
      { protocol: this.#protocol, source, rejected: rejected - this.#told.rejected, dropped: dropped - this.#told.dropped, last: reason },
      "messages were not taken",
    );
    this.#told = { rejected, dropped };
    this.#toldMs = now;
  }
}
