import type { EntitySeries } from "../api/contracts.ts";

/** The series of a metric with the highest newest value; undefined when none has one. */
export function highest(series: readonly EntitySeries[], metric: string): EntitySeries | undefined {
  let best: EntitySeries | undefined;
  for (const one of series) if (one.metric === metric && one.last !== null && (best === undefined || one.last > best.last!)) best = one;
  return best;
}

/** Sum of the newest values of a metric's series with that label; undefined when none has one. */
export function total(series: readonly EntitySeries[], metric: string, label: string, value: string): { readonly last: number } | undefined {
  const fitting = series.filter((one) => one.metric === metric && one.labels[label] === value && one.last !== null);
  return fitting.length === 0 ? undefined : { last: fitting.reduce((sum, one) => sum + one.last!, 0) };
}

export interface BusyProcess {
  readonly name: string;
  /** Processors in use. */
  readonly cpu: number | null;
  readonly memoryBytes: number | null;
}

const NAME = "process.executable.name";

/** Programs of a host by their use of processors, the busiest first. */
export function busiestProcesses(series: readonly EntitySeries[]): BusyProcess[] {
  const found = new Map<string, { cpu: number | null; memoryBytes: number | null }>();
  for (const { metric, labels, last } of series) {
    const name = labels[NAME];
    if (name === undefined || last === null) continue;
    const known = found.get(name) ?? { cpu: null, memoryBytes: null };
    if (metric === "process.cpu.utilization") known.cpu = last;
    if (metric === "process.memory.usage") known.memoryBytes = last;
    found.set(name, known);
  }
  return [...found].map(([name, use]) => ({ name, ...use })).sort((a, b) => (b.cpu ?? -1) - (a.cpu ?? -1) || (b.memoryBytes ?? -1) - (a.memoryBytes ?? -1));
}
