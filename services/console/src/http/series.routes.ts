import { YunweiError } from "@yunwei/service-kit";
import { derivedBuckets, findSeries, MAX_LINES, type Store, seriesById } from "@yunwei/store";
import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import { planPoints } from "../domain/point-plan.ts";
import { type Point, withGaps } from "../domain/reading.ts";
import { readPoints, type SeriesPoints } from "./read-points.ts";
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

const ManyQuery = Type.Object({
  metric: Type.String({ minLength: 1, maxLength: 256, description: "exact name" }),
  site: Type.String({ maxLength: 100, default: "", description: "empty = all, to compare them" }),
  limit: Type.Integer({ minimum: 1, maximum: MAX_LINES, default: 50, description: "series at most" }),
  maxPoints: Type.Integer({ minimum: 2, maximum: 500, default: 300, description: "of each" }),
  ...WINDOW_QUERY,
});
const Many = Type.Object({ series: Type.Array(Type.Intersect([Points, Type.Object({ site: Type.String() })])), truncated: Type.Boolean() });

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
        if (series === undefined) return derivedPoints(store, params.seriesId, query, window);
        return answered((await readPoints(store, [series], window, query.maxPoints))[0]!);
      },
    );
    app.get<{ Querystring: Static<typeof ManyQuery> }>(
      "/api/v1/series/points",
      {
        config: READ,
        schema: { summary: "Points of all series of one metric at once, to compare hosts or sites", querystring: ManyQuery, response: { 200: Many } },
      },
      async ({ query }) => {
        const { metric, site, limit, maxPoints } = query;
        const window = windowOf(query, nowMs(), HOUR_MS);
        const series = await findSeries(store, { entity: "", metric, site, ...window, limit: limit + 1 });
        const lines = await readPoints(store, series.slice(0, limit), window, maxPoints);
        return { series: lines.map((line, i) => ({ ...answered(line), site: series[i]!.site })), truncated: series.length > limit };
      },
    );
  };
}

type Window = ReturnType<typeof windowOf>;

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
  return answered({ ...base, points: buckets.map(({ t, value }): Point => [t * 1000, value]) });
}

function answered(line: SeriesPoints): Static<typeof Points> {
  const points = withGaps(line.points).map(([timeMs, value]) => [timeMs, value]);
  return { ...line, labels: { ...line.labels }, points, ...(points.length === 0 ? { reason: "no_points" as const } : {}) };
}
