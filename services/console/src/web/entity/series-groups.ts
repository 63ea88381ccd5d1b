import type { EntitySeries } from "../api/contracts.ts";

/** A chart of an entity's page: series of one metric. */
export interface SeriesGroup {
  readonly metric: string;
  readonly unit: string;
  readonly series: readonly EntitySeries[];
  /** Series that did not fit. */
  readonly more: number;
}

/** Lines that a chart can hold and people can tell apart. */
export const MAX_LINES = 6;
const MAX_CHARTS = 8;

/** Metrics that matter most of all, in the order of their charts; then comes whatever else there is. */
const FIRST = [
  "system.cpu.utilization",
  "system.memory.utilization",
  "system.cpu.load_average.1m",
  "system.disk.io",
  "system.disk.io_time",
  "system.network.io",
  "system.filesystem.utilization",
  "process.cpu.utilization",
  "yunwei.link.rtt",
  "yunwei.link.loss",
  "yunwei.rack.power",
  "db.lock.waiting",
  "http.server.request.duration",
];

/** The charts of an entity: known metrics first, series with the highest newest values first in each. */
export function seriesGroups(series: readonly EntitySeries[]): SeriesGroup[] {
  const byMetric = new Map<string, EntitySeries[]>();
  for (const one of series) byMetric.set(one.metric, [...(byMetric.get(one.metric) ?? []), one]);
  const rank = (metric: string): number => (FIRST.includes(metric) ? FIRST.indexOf(metric) : FIRST.length);
  const metrics = [...byMetric.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return metrics.slice(0, MAX_CHARTS).map((metric) => {
    const all = [...byMetric.get(metric)!].sort((a, b) => (b.last ?? Number.NEGATIVE_INFINITY) - (a.last ?? Number.NEGATIVE_INFINITY));
    return { metric, unit: all[0]!.readUnit, series: all.slice(0, MAX_LINES), more: Math.max(0, all.length - MAX_LINES) };
  });
}

/** Series id to ask for a derived series whose own id is not known: none has it, so entity and metric count. */
const NO_ID = "0000000000000000";
const DERIVED: Readonly<Record<string, readonly (readonly [metric: string, unit: string])[]>> = {
  service: [
    ["yunwei.service.rate", "1/s"],
    ["yunwei.service.error_ratio", "1"],
    ["yunwei.service.duration", "s"],
    ["yunwei.log.error_rate", "1/s"],
  ],
  instance: [
    ["yunwei.service.rate", "1/s"],
    ["yunwei.service.duration", "s"],
  ],
  edge: [
    ["yunwei.edge.rate", "1/s"],
    ["yunwei.edge.error_ratio", "1"],
  ],
};

/** Charts that the server makes from spans and logs for entities that send no metrics of their own. */
export function derivedGroups(type: string): SeriesGroup[] {
  return (DERIVED[type] ?? []).map(([metric, unit]) => ({
    metric,
    unit,
    series: [{ seriesId: NO_ID, metric, unit, kind: "gauge", labels: {}, readUnit: unit, last: null }],
    more: 0,
  }));
}

/** What tells a series from its siblings, e.g. `eth0 receive`; "" when it has no labels. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.values(labels).join(" ");
}
