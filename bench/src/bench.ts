import type { BenchRow } from "./bench-row.ts";

export interface BenchOptions {
  /** A small run: to see that the bench works, not to read its figures. */
  readonly short: boolean;
  /** Told of each step, for people. */
  readonly tell: (line: string) => void;
  /** Aborted when the run is to end early; only asked by benches that say `stops`. */
  readonly stop?: AbortSignal;
  /** Only these parts of a bench that has parts; default all. */
  readonly parts?: readonly string[];
  /** How long the sustained run of `ingest` lasts; default six minutes, and a third of one when short. */
  readonly sustainedMinutes?: number;
}

/** Something that can be measured. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  /** True: it looks at `stop`, ends what it has started and leaves nothing behind. */
  readonly stops?: boolean;
  run(options: BenchOptions): Promise<BenchRow[]>;
}
