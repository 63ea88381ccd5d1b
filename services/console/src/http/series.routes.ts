import { YunweiError } from "@yunwei/service-kit";
import { derivedBuckets, distributionBuckets, findSeries, numberBuckets, type SeriesRow, type Store, seriesById } from "@yunwei/store";
import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import { planPoints } from "../domain/point-plan.ts";
import { type Point, pointsOfDistributions, pointsOfNumbers, readingOf, readUnit, withGaps } from "../domain/reading.ts";
import { SeriesView } from "./series-view.ts";
import { WINDOW_QUERY, windowOf } from "./time-window.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const ListQuery = Type.Object({
  entity: Type.String({ maxLength: 512, default: "", description: "exact entity key; empty = any" }),
  metric: Type.String({ maxLength: 256, default: "", description: "exact name; empty = any" }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }),
  ...WINDOW_QUERY,
});
const List = Type.Object({ series: Type.Array(SeriesView), truncated: Type.Boolean() });
const Params = Type.Object({ seriesId: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const PointsQuery = Type.Object({
  metric: Type.String({ maxLength: 256, default: "", description: "name of the series' metric: makes the look-up quick" }),
  entity: Type.String({ maxLength: 512, default: "", description: "with `metric`: for series that detection derives from spans and logs" }),
  maxPoints: Type.Integer({ minimum: 2, maximum: 2000, default: 300 }),
  ...WINDOW_QUERY,
});
const Points = Type.Object({
  seriesId: Type.String(),
  metric: Type.String(),
  unit: Type.String({ description: "of the values as read" }),
  entity: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  reading: Type.Enum(["value", "rate", "mean"]),
  resolution: Type.Enum(["raw", "5m", "1h", "derived"]),
  stepSeconds: Type.Integer(),
  points: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()]), { minItems: 2, maxItems: 2 }), {
    description: "[Unix milliseconds, value or null for a gap]",
  }),
  reason: Type.Optional(Type.Enum(["no_points", "not_stored"], { description: "why there are none" })),
});

const READ = { permission: "telemetry:read" } as const;

/** `GET /api/v1/series` and the points of one. */
export function seriesRoutes(store: Store, nowMs: () => number): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Querystring: Static<typeof ListQuery> }>(
      "/api/v1/series",
      {
        config: READ,
        schema: { summary: "Series of an entity or a metric; from and to are the days they were reported on", querystring: ListQuery, response: { 200: List } },
      },
      async ({ query }) => {
        if (query.entity === "" && query.metric === "") throw new YunweiError("YUNWEI_BODY_INVALID", "Ask for an entity or a metric.");
        const series = await findSeries(store, { ...query, ...windowOf(query, nowMs(), DAY_MS), limit: query.limit + 1 });
        return { series: series.slice(0, query.limit), truncated: series.length > query.limit };
      },
    );
    app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof PointsQuery> }>(
      "/api/v1/series/:seriesId/points",
      {
        config: READ,
        schema: {
          summary: "Points of one series: counters as a rate, histograms as a mean",
          params: Params,
          querystring: PointsQuery,
          response: { 200: Points },
        },
      },
      async ({ params, query }) => {
        const window = windowOf(query, nowMs(), HOUR_MS);
        const series = await seriesById(store, params.seriesId, query.metric);
        if (series !== undefined) return storedPoints(store, series, window, query.maxPoints);
        return derivedPoints(store, params.seriesId, query, window);
      },
    );
  };
}

type Window = ReturnType<typeof windowOf>;

async function storedPoints(store: Store, series: SeriesRow, window: Window, maxPoints: number): Promise<Static<typeof Points>> {
  const plan = planPoints(window.untilMs - window.fromMs, maxPoints);
  const reading = readingOf(series);
  const buckets = { ...window, stepSeconds: plan.stepSeconds };
  const points =
    reading === "mean"
      ? pointsOfDistributions(await distributionBuckets(store, series, buckets))
      : pointsOfNumbers(await numberBuckets(store, series, plan.table, buckets), series.kind, reading, plan.stepSeconds);
  const { seriesId, metric, entity, labels } = series;
  return {
    seriesId,
    metric,
    entity,
    labels,
    unit: readUnit(series.unit, reading),
    reading,
    resolution: reading === "mean" ? "raw" : plan.resolution,
    stepSeconds: plan.stepSeconds,
    ...answered(points),
  };
}

/** Detection's own series are kept nowhere: they are made again from spans and logs where that is possible. */
async function derivedPoints(
  store: Store,
  seriesId: string,
  query: { metric: string; entity: string; maxPoints: number },
  window: Window,
): Promise<Static<typeof Points>> {
  const { metric, entity } = query;
  const isNamed = metric.startsWith("yunwei.") && entity !== "";
  if (!isNamed) throw new YunweiError("YUNWEI_NOT_FOUND", `There is no series ${seriesId}${metric === "" ? "" : ` of ${metric}`}.`);
  const stepSeconds = Math.max(10, planPoints(window.untilMs - window.fromMs, query.maxPoints).stepSeconds);
  const buckets = await derivedBuckets(store, entity, metric, { ...window, stepSeconds });
  const base = { seriesId, metric, entity, labels: {}, unit: "", reading: "value" as const, resolution: "derived" as const, stepSeconds };
  if (buckets === undefined) return { ...base, points: [], reason: "not_stored" };
  return { ...base, ...answered(buckets.map(({ t, value }): Point => [t * 1000, value])) };
}

function answered(points: readonly Point[]): { points: (number | null)[][]; reason?: "no_points" } {
  return points.length === 0 ? { points: [], reason: "no_points" } : { points: withGaps(points).map(([timeMs, value]) => [timeMs, value]) };
}
