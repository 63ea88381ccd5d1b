import type { Slices } from "./columns.ts";
import { wider } from "./grow.ts";

/** Pairs of positions `[start, end)` in the request in hand; element i is (starts[i], ends[i]). */
export class SlicePool implements Slices {
  length = 0;
  starts = new Int32Array(4096);
  ends = new Int32Array(4096);

  clear(): void {
    this.length = 0;
  }

  push(start: number, end: number): void {
    const at = this.length;
    if (at === this.starts.length) this.#grow();
    this.starts[at] = start;
    this.ends[at] = end;
    this.length = at + 1;
  }

  #grow(): void {
    this.starts = wider(this.starts);
    this.ends = wider(this.ends);
  }

  /** @param pairs - start, end, start, end ... */
  pushAll(pairs: readonly number[]): void {
    for (let i = 0; i < pairs.length; i += 2) this.push(pairs[i]!, pairs[i + 1]!);
  }
}
