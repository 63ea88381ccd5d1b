/** From which table points are read, and in what steps. */
export interface PointPlan {
  readonly table: "metric_points" | "metric_5m" | "metric_1h";
  readonly resolution: "raw" | "5m" | "1h";
  /** Seconds, a multiple of the table's own step. */
  readonly stepSeconds: number;
}

const HOUR_MS = 3_600_000;
const RAW_UP_TO_MS = 12 * HOUR_MS;
const FIVE_MINUTES_UP_TO_MS = 14 * 24 * HOUR_MS;
/** The longest stretch one question may span. */
export const MAX_SPAN_MS = 1100 * 24 * HOUR_MS;

/** Chooses the finest table that answers quickly. @param spanMs - > 0; @param maxPoints - >= 1, kept to within one bucket */
export function planPoints(spanMs: number, maxPoints: number): PointPlan {
  const wanted = Math.max(1, Math.ceil(spanMs / 1000 / maxPoints));
  if (spanMs <= RAW_UP_TO_MS) return { table: "metric_points", resolution: "raw", stepSeconds: wanted };
  if (spanMs <= FIVE_MINUTES_UP_TO_MS) return { table: "metric_5m", resolution: "5m", stepSeconds: multiple(wanted, 300) };
  return { table: "metric_1h", resolution: "1h", stepSeconds: multiple(wanted, 3600) };
}

function multiple(seconds: number, of: number): number {
  return Math.ceil(seconds / of) * of;
}
