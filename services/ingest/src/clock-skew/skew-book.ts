import { metrics } from "@opentelemetry/api";
import type { Signal } from "@yunwei/schemas";
import type { IngestToken } from "../domain/ingest-token.ts";
import { SkewMeter, type SkewReading } from "./skew-meter.ts";

/** A sender's clock by one of its signals. */
export interface SourceClock extends SkewReading {
  readonly source: string;
  /** That the token fixes; "" = none. */
  readonly site: string;
  readonly signal: Signal;
}

/** Token files hold at most 10,000 tokens of 3 signals each; a meter is 5 KiB. */
const MAX_METERS = 30_000;

/** The clocks of all senders, as their data shows them. */
export class SkewBook {
  readonly #meters = new Map<string, { readonly source: string; readonly signal: Signal; readonly meter: SkewMeter }>();
  readonly #siteOf: ReadonlyMap<string, string>;

  /** @param nowMs - asked when the gauge is read */
  constructor(tokens: readonly IngestToken[], nowMs: () => number) {
    this.#siteOf = new Map(tokens.map(({ id, site = "" }) => [id, site]));
    metrics
      .getMeter("yunwei.ingest")
      .createObservableGauge("yunwei.ingest.clock_skew", {
        unit: "s",
        description: "Lead of a sender's clock over ours by the newest data of its requests, less the way of the data; over 15 minutes, by token and signal.",
      })
      .addCallback((result) => {
        for (const { source, signal, skewSeconds, verdict } of this.clocks(nowMs())) if (verdict !== "unsure") result.observe(skewSeconds, { source, signal });
      });
  }

  note(source: string, signal: Signal, newestMs: number, receivedMs: number): void {
    const key = `${signal} ${source}`;
    let one = this.#meters.get(key);
    if (one === undefined) {
      if (this.#meters.size >= MAX_METERS) return;
      one = { source, signal, meter: new SkewMeter() };
      this.#meters.set(key, one);
    }
    one.meter.note(newestMs, receivedMs);
  }

  /** Those with data in the last 15 minutes. */
  clocks(nowMs: number): SourceClock[] {
    const clocks: SourceClock[] = [];
    for (const { source, signal, meter } of this.#meters.values()) {
      const reading = meter.read(nowMs);
      if (reading !== undefined) clocks.push({ source, site: this.#siteOf.get(source) ?? "", signal, ...reading });
    }
    return clocks;
  }
}
