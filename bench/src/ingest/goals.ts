import { atLeast, atMost, type BenchRow } from "../bench-row.ts";

type Goal = { readonly unit: string } & ({ readonly least: number } | { readonly most: number });

/** Figures to reach, in the order of the table (issue 6). */
const GOALS: Readonly<Record<string, Goal>> = {
  "metrics.cpu_vs_common": { unit: "x", least: 25 },
  "logs.cpu_vs_common": { unit: "x", least: 12 },
  "spans.cpu_vs_common": { unit: "x", least: 10 },
  "metrics.vs_engine": { unit: "x", least: 0.35 },
  "logs.vs_engine": { unit: "x", least: 0.4 },
  "spans.vs_engine": { unit: "x", least: 0.45 },
  "metrics.decode_vs_protobufjs": { unit: "x", least: 15 },
  "logs.decode_vs_protobufjs": { unit: "x", least: 5 },
  "spans.decode_vs_protobufjs": { unit: "x", least: 5 },
  "metrics.bytes": { unit: "By/{point}", most: 2.5 },
  "logs.bytes": { unit: "By/{record}", most: 50 },
  "spans.bytes": { unit: "By/{span}", most: 50 },
  "metrics.decode_1m_vs_32k": { unit: "x", most: 1.3 },
  presorted_vs_engine_sort: { unit: "x", least: 2 },
  sustained: { unit: "x", least: 0.6 },
  "query.series_24h_ms": { unit: "ms", most: 10 },
  "query.sites_7d_ms": { unit: "ms", most: 15 },
  kafka_vs_embedded: { unit: "x", least: 0.7 },
};

/** All names of rows with a target. */
export const GOAL_NAMES: readonly string[] = Object.keys(GOALS);

/**
 * The row of a figure to reach.
 * @param note - how it was measured, where that is not fixed; stands in parentheses after the unit
 */
export function goalRow(name: string, value: number, note?: string): BenchRow {
  const goal = GOALS[name];
  if (goal === undefined) throw new Error(`${name} is not a figure of issue 6`);
  const unit = note === undefined ? goal.unit : `${goal.unit} (${note})`;
  return "least" in goal ? atLeast(name, value, unit, goal.least) : atMost(name, value, unit, goal.most);
}

/** Rows in the order of the issue, those without a target after them as they came. */
export function inTableOrder(rows: readonly BenchRow[]): BenchRow[] {
  const goals = GOAL_NAMES.flatMap((name) => rows.filter((row) => row.name === name));
  return [...goals, ...rows.filter(({ target }) => target === null)];
}
