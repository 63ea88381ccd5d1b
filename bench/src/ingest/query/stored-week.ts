import type { SeriesRow, Store } from "@yunwei/store";

/** A week of metrics that was stored before: `series` series at 15 s, each metric once in each of 14 sites. */
export interface StoredWeek {
  readonly series: number;
  /** Whole days; the last ends now. */
  readonly days: number;
  readonly endMs: number;
}

export const SITES = 14;
export const STEP_S = 15;
const DAY_S = 86_400;
const DEPARTMENT = "bench";
/** Roll-ups of a quarter of a day are summed up at once: more would take much memory. */
const SHARE_S = DAY_S / 4;

const metricOf = (index: number): string => `bench.week.${Math.floor(index / SITES)}`;

/** Stores one day (0 is the first) of the week: points, made in the engine, and what they roll up to. */
export async function fillDay(store: Store, { series, days, endMs }: StoredWeek, day: number): Promise<void> {
  const endS = Math.floor(endMs / 1000 / STEP_S) * STEP_S;
  const fromS = endS - (days - day) * DAY_S;
  const steps = DAY_S / STEP_S;
  // k is the series, i the step: nearly the order of the key. Values walk as a load does, with a day's rhythm and noise in two digits.
  await store.command(
    `INSERT INTO metric_points (department, site, tier, metric, kind, entity_id, series_id, ts, value, flags)
     SELECT '${DEPARTMENT}', concat('site-', toString(k % ${SITES})), 'core', concat('bench.week.', toString(intDiv(k, ${SITES}))), 'gauge',
       cityHash64('entity', k % ${SITES}), cityHash64('series', k), toDateTime(${fromS} + i * ${STEP_S}),
       round(50 + 20 * sin((${fromS} + i * ${STEP_S}) / 13750.98 + k) + (cityHash64(k, i, ${day}) % 400) / 100, 2), 0
     FROM (SELECT intDiv(number, ${steps}) AS k, number % ${steps} AS i FROM numbers(${series * steps}))`,
  );
  for (let shareS = fromS; shareS < fromS + DAY_S; shareS += SHARE_S) {
    for (const [table, bucket] of [
      ["metric_5m", "toStartOfFiveMinutes(ts)"],
      ["metric_1h", "toStartOfHour(ts)"],
    ] as const) {
      await store.command(
        `INSERT INTO ${table} (department, site, tier, metric, entity_id, series_id, t, n, s, mn, mx, last)
         SELECT department, site, tier, metric, entity_id, series_id, ${bucket} AS t, count(), sum(value), min(value), max(value), argMaxState(value, ts)
         FROM metric_points WHERE department = '${DEPARTMENT}' AND ts >= toDateTime(${shareS}) AND ts < toDateTime(${shareS + SHARE_S})
         GROUP BY department, site, tier, metric, entity_id, series_id, t`,
      );
    }
  }
}

/** What was stored is as it is after its merges. @returns points and rows of the two roll-ups */
export async function settleWeek(store: Store): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const table of ["metric_points", "metric_5m", "metric_1h"]) {
    await store.command(`OPTIMIZE TABLE ${table} FINAL`);
    const [count] = await store.query<{ rows: string }>(`SELECT count() AS rows FROM ${table}`);
    rows[table] = Number(count!.rows);
  }
  return rows;
}

/** The row of the catalogue that the queries want, without asking the catalogue: what is measured is the query of the points. */
export async function weekSeries(store: Store, index: number): Promise<SeriesRow> {
  const [id] = await store.query<{ id: string }>("SELECT leftPad(lower(hex(cityHash64('series', {k:UInt64}))), 16, '0') AS id", { k: index });
  const site = `site-${index % SITES}`;
  return {
    seriesId: id!.id,
    metric: metricOf(index),
    unit: "1",
    kind: "gauge",
    monotonic: false,
    entity: `host:${site}`,
    site,
    department: DEPARTMENT,
    labels: {},
  };
}
