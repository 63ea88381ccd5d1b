import type { BenchOptions } from "../bench.ts";
import type { BenchRow } from "../bench-row.ts";

/** A part of the table that can be measured by itself. */
export interface IngestPart {
  readonly name: string;
  /** Its rows with a target; NaN when it fails. */
  readonly goals: readonly string[];
  run(options: BenchOptions): Promise<BenchRow[]>;
}
