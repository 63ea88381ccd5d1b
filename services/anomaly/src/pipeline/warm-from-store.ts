import type { Store } from "@yunwei/store";
import type { Detector } from "../domain/detector.ts";
import { WarmUp } from "../domain/warm-up.ts";

const HISTORY_SECONDS = 2 * 3600;
/** History is read in slices of this length, so that memory stays bounded. */
const SLICE_SECONDS = 600;
const SLICE_ROWS = 200_000;

interface SeriesRow {
  readonly id: string;
  readonly metric: string;
  readonly unit: string;
  readonly kind: string;
  readonly monotonic: boolean | number;
  readonly labels: Record<string, string>;
}

interface PointRow {
  readonly id: string;
  readonly at: number | string;
  readonly value: number | null;
}

/** What a warm-up has done. */
export interface WarmUpReport {
  readonly series: number;
  readonly points: number;
  /** Slices that had more rows than are read. */
  readonly cutSlices: number;
}

/**
 * Teaches a fresh detector the last two hours of stored points (up to the newest point there is: event time).
 * Nothing stored is no error. @throws what the store throws
 */
export async function warmFromStore(detector: Detector, store: Store): Promise<WarmUpReport> {
  const [newest] = await store.query<{ at: number | string }>("SELECT toUnixTimestamp(max(ts)) AS at FROM metric_points");
  const end = Number(newest?.at ?? 0);
  if (!(end > 0)) return { series: 0, points: 0, cutSlices: 0 };
  const begin = end - HISTORY_SECONDS;
  const warmUp = new WarmUp(detector);
  const series = await beginSeries(warmUp, store, begin, detector.maxSeries);
  let cutSlices = 0;
  for (let from = begin; from <= end; from += SLICE_SECONDS) {
    const rows = await store.query<PointRow>(
      `SELECT toString(series_id) AS id, toUnixTimestamp(ts) AS at, value FROM metric_points
       WHERE ts >= toDateTime({from:UInt32}, 'UTC') AND ts < toDateTime({to:UInt32}, 'UTC') ORDER BY ts, series_id LIMIT {rows:UInt32}`,
      { from, to: from + SLICE_SECONDS, rows: SLICE_ROWS },
    );
    if (rows.length === SLICE_ROWS) cutSlices++;
    for (const { id, at, value } of rows) if (value !== null) warmUp.take(hexOf(id), Number(at) * 1000, value);
  }
  warmUp.finish();
  return { series, points: warmUp.points, cutSlices };
}

async function beginSeries(warmUp: WarmUp, store: Store, begin: number, limit: number): Promise<number> {
  const rows = await store.query<SeriesRow>(
    `SELECT toString(series_id) AS id, any(metric) AS metric, any(unit) AS unit, any(kind) AS kind, any(monotonic) AS monotonic, any(labels) AS labels
     FROM metric_series WHERE last_seen >= toDateTime({from:UInt32}, 'UTC') - INTERVAL 1 DAY GROUP BY series_id ORDER BY series_id LIMIT {rows:UInt32}`,
    { from: begin, rows: limit },
  );
  let series = 0;
  for (const row of rows) if (warmUp.begin({ ...row, seriesId: hexOf(row.id), monotonic: Boolean(row.monotonic) })) series++;
  return series;
}

function hexOf(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(16, "0");
}
