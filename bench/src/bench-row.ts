/** One figure of a bench. Rates and sizes are for people to read (no target); targets are ratios of one run, or counts that do not depend on the machine. */
export interface BenchRow {
  readonly name: string;
  /** NaN = could not be measured. */
  readonly value: number;
  /** UCUM, or `x` for a ratio. */
  readonly unit: string;
  /** What is aimed at, e.g. `>= 30`; null = informative. */
  readonly target: string | null;
  readonly holds: boolean | null;
}

/** A figure without a target. */
export function informative(name: string, value: number, unit: string): BenchRow {
  return { name, value, unit, target: null, holds: null };
}

/** A figure that should be `least` or more; NaN does not hold. */
export function atLeast(name: string, value: number, unit: string, least: number): BenchRow {
  return { name, value, unit, target: `>= ${least}`, holds: value >= least };
}

/** A figure that should be `most` or less; NaN does not hold. */
export function atMost(name: string, value: number, unit: string, most: number): BenchRow {
  return { name, value, unit, target: `<= ${most}`, holds: value <= most };
}
