import { type Lanes64, unixNano } from "../otlp-objects/otlp-objects.ts";
import type { TimedPayload } from "./payload.ts";

/** Tag of `time_unix_nano` (field 3, fixed64) in number and histogram points. */
const TIME_TAG = 0x19;
const FIXED64_BYTES = 8;

interface Place {
  readonly at: number;
  readonly timeMs: number;
}

/** A request of metrics that can be sent again as of a later time, at little cost: only the times in its bytes are changed. */
export class RetimedRequest {
  readonly items: number;
  readonly #body: Buffer;
  readonly #places: readonly Place[];

  constructor({ body, items, timesMs }: TimedPayload) {
    this.items = items;
    this.#body = Buffer.from(body);
    this.#places = timesMs.flatMap((timeMs) => placesOf(this.#body, timeMs));
  }

  /** The request as of `laterMs` milliseconds later; its own memory, valid until the next call. */
  later(laterMs: number): Uint8Array {
    const known = new Map<number, Lanes64>();
    for (const { at, timeMs } of this.#places) {
      let time = known.get(timeMs);
      if (time === undefined) {
        time = unixNano(timeMs + laterMs);
        known.set(timeMs, time);
      }
      this.#body.writeInt32LE(time.low, at);
      this.#body.writeInt32LE(time.high, at + 4);
    }
    return this.#body;
  }

  /** Points whose time is known. */
  get times(): number {
    return this.#places.length;
  }
}

function placesOf(body: Buffer, timeMs: number): Place[] {
  const { low, high } = unixNano(timeMs);
  const sought = Buffer.alloc(1 + FIXED64_BYTES);
  sought[0] = TIME_TAG;
  sought.writeInt32LE(low, 1);
  sought.writeInt32LE(high, 5);
  const places: Place[] = [];
  for (let at = body.indexOf(sought); at >= 0; at = body.indexOf(sought, at + sought.length)) places.push({ at: at + 1, timeMs });
  return places;
}
