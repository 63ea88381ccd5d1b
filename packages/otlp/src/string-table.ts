import { textOf } from "./attributes.ts";
import { RawTable } from "./raw-table.ts";
import type { Wire } from "./wire.ts";

/** Distinct strings kept; further ones share the entry "(other)": span names with ids in them must not eat the memory. */
const MAX_STRINGS = 200_000;
/** Entries 0 and 1. */
const RESERVED = 2;
const OTHER = 1;

/** Strings by their bytes -> dense id. Entry 0 is "". */
export class StringTable {
  readonly all: string[] = ["", "(other)"];
  readonly #raw: RawTable;

  constructor(maxStrings = MAX_STRINGS) {
    this.#raw = new RawTable(maxStrings);
  }

  get isFull(): boolean {
    return this.#raw.isFull;
  }

  /** Reads the length-delimited string at hand; leaves `wire.pos` behind it. */
  take(wire: Wire, end: number): number {
    const sliceEnd = wire.sliceEnd(end);
    const start = wire.pos;
    wire.pos = sliceEnd;
    if (sliceEnd === start) return 0;
    const known = this.#raw.find(wire.view, 0, start, sliceEnd);
    if (known >= 0) return known + RESERVED;
    const entry = this.#raw.add(wire.view, 0, start, sliceEnd);
    if (entry < 0) return OTHER;
    this.all.push(textOf(wire, start, sliceEnd));
    return entry + RESERVED;
  }
}
