import type { BenchRow } from "./bench-row.ts";

export interface BenchOptions {
  /** A small run: to see that the bench works, not to read its figures. */
  readonly short: boolean;
  /** Told of each step, for people. */
  readonly tell: (line: string) => void;
}

/** Something that can be measured. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<BenchRow[]>;
}
