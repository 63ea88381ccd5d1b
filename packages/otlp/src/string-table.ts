import { textOf } from "./attributes.ts";
import { Hash64 } from "./hash64.ts";
import { IdTable } from "./id-table.ts";
import type { Wire } from "./wire.ts";

/** Distinct strings kept; further ones share the entry "(other)": span names with ids in them must not eat the memory. */
const MAX_STRINGS = 200_000;

/** Strings by their bytes -> dense id. Entry 0 is "". */
export class StringTable {
  readonly all: string[] = ["", "(other)"];
  readonly #byRaw = new IdTable();
  readonly #hash = new Hash64();

  /** Reads the length-delimited string at hand; leaves `wire.pos` behind it. */
  take(wire: Wire, end: number): number {
    const sliceEnd = wire.sliceEnd(end);
    const start = wire.pos;
    wire.pos = sliceEnd;
    if (sliceEnd === start) return 0;
    const hash = this.#hash;
    hash.reset();
    hash.add(wire.bytes, start, sliceEnd);
    const known = this.#byRaw.get(hash.high, hash.low);
    if (known >= 0) return known;
    if (this.all.length >= MAX_STRINGS) return 1;
    this.#byRaw.set(hash.high, hash.low, this.all.length);
    this.all.push(textOf(wire, start, sliceEnd));
    return this.all.length - 1;
  }
}
