import type { Signal } from "@yunwei/schemas";
import { seededRandom } from "@yunwei/series";
import { LogFleet } from "./log-fleet.ts";
import { COLLECTION_MS, MetricFleet } from "./metric-fleet.ts";
import type { Payload } from "./payload.ts";
import { TraceFleet } from "./trace-fleet.ts";

export type { Payload } from "./payload.ts";

const SERIES = 32_000;
/** Event time that the spans or records of one request are spread over: twenty Collectors send one every four seconds. */
const SPREAD_MS = 4_000;
const REQUESTS_PER_SPREAD = 20;

export interface PayloadOptions {
  /** Series of metrics; default 32,000, each with one point in 15 s. */
  readonly series?: number;
}

/**
 * Requests of one signal in the shapes of a real Collector's traffic (1,000 to 2,000 items each), in the order of event time; the
 * last is of `endMs`. Made one by one: they need not all be held. The same seed gives the same bytes.
 */
export function* otlpTraffic(signal: Signal, count: number, seed: number, endMs: number, { series = SERIES }: PayloadOptions = {}): Generator<Payload> {
  const random = seededRandom(seed);
  if (signal === "metrics") {
    const fleet = new MetricFleet(series, random, endMs - COLLECTION_MS * Math.ceil(count / 20));
    const rounds = Math.ceil(count / fleet.requestsPerRound);
    let left = count;
    for (let round = 0; round < rounds; round++) {
      for (const payload of fleet.round(endMs - (rounds - round) * COLLECTION_MS)) {
        if (left-- > 0) yield payload;
      }
    }
    return;
  }
  const fleet = signal === "traces" ? new TraceFleet(random) : new LogFleet(random);
  for (let i = 0; i < count; i++) yield fleet.request(endMs - ((count - 1 - i) / REQUESTS_PER_SPREAD) * SPREAD_MS, SPREAD_MS);
}

/** All of `otlpTraffic`. */
export function otlpPayloads(signal: Signal, count: number, seed: number, endMs: number, options: PayloadOptions = {}): Payload[] {
  return [...otlpTraffic(signal, count, seed, endMs, options)];
}
