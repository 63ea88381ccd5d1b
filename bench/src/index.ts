export type { Bench, BenchOptions } from "./bench.ts";
export { atLeast, atMost, type BenchRow, informative } from "./bench-row.ts";
export { benchTable } from "./bench-table.ts";
export { BENCHES } from "./benches.ts";
