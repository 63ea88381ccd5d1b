import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { seededRandom } from "@yunwei/series";
import { COLLECTION_MS, MetricFleet } from "../payloads/metric-fleet.ts";
import type { Payload } from "../payloads/payload.ts";
import { RetimedRequest } from "../payloads/retimed-request.ts";

const gzipAsync = promisify(gzip);
/** The sender is on the same cores, so it packs as fast as it can. */
const LEVEL = 1;

/** Metrics without an end: some rounds of a fleet again and again, every time as of later, so that event time goes on. */
export class EndlessFeed {
  readonly #requests: RetimedRequest[] = [];
  readonly #cycleMs: number;
  #next = 0;

  /** @param series - at least as many. @param rounds - that differ; counters begin anew after them. @param firstMs - event time of the first round, Unix milliseconds */
  constructor(series: number, rounds: number, seed: number, firstMs: number) {
    const fleet = new MetricFleet(series, seededRandom(seed), firstMs);
    for (let round = 0; round < rounds; round++) {
      for (const payload of fleet.round(firstMs + round * COLLECTION_MS)) this.#requests.push(new RetimedRequest(payload));
    }
    this.#cycleMs = rounds * COLLECTION_MS;
  }

  /** The next request, compressed. */
  async next(): Promise<Payload> {
    const number = this.#next++;
    const request = this.#requests[number % this.#requests.length]!;
    // A copy: another lane may ask for the same request before this one is packed.
    const body = Buffer.from(request.later(Math.floor(number / this.#requests.length) * this.#cycleMs));
    return { body: await gzipAsync(body, { level: LEVEL }), items: request.items };
  }
}
