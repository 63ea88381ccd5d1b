import { ENTITY_TYPES, type EntityKey, parseEntityKey } from "@yunwei/schemas";
import { YunweiError } from "@yunwei/service-kit";
import { findSeries, lastValues, type SeriesRow, type Store } from "@yunwei/store";
import type { Topology, TopologyCache, TopologyNode } from "@yunwei/topology";
import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import { matchingEntities } from "../domain/entity-search.ts";
import { lastReading } from "../domain/last-reading.ts";
import { readingOf, readUnit } from "../domain/reading.ts";
import { SeriesView } from "./series-view.ts";

const DAY_MS = 86_400_000;
const RECENT_MS = 15 * 60_000;
const MAX_NEIGHBOURS = 200;
const MAX_SERIES = 500;

const Key = Type.String({ pattern: "^[a-z_]+:.+$", maxLength: 512 });
const Node = Type.Object({
  entity: Type.String(),
  type: Type.String(),
  site: Type.String(),
  department: Type.String(),
  criticality: Type.String(),
  declared: Type.Boolean(),
});
const ListQuery = Type.Object({
  query: Type.String({ maxLength: 200, default: "", description: "part of the name, any case" }),
  type: Type.Union([Type.Literal(""), ...ENTITY_TYPES.map((type) => Type.Literal(type))], { default: "" }),
  site: Type.String({ maxLength: 100, default: "" }),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
});
const List = Type.Object({ entities: Type.Array(Node), total: Type.Integer() });
const Query = Type.Object({
  entity: Key,
  at: Type.Optional(Type.String({ format: "date-time", maxLength: 40, description: "event time of the last values; default now" })),
});
const Neighbours = Type.Object({ entities: Type.Array(Type.String()), total: Type.Integer() });
const Reply = Type.Object({
  node: Node,
  standsOn: Neighbours,
  carries: Neighbours,
  calls: Neighbours,
  calledBy: Neighbours,
  instances: Neighbours,
  at: Type.String({ format: "date-time" }),
  series: Type.Array(
    Type.Object({
      ...SeriesView.properties,
      readUnit: Type.String(),
      last: Type.Union([Type.Number(), Type.Null()], { description: "newest value within 15 minutes of `at`, counters as a rate; null = none" }),
      lastAt: Type.Optional(Type.String({ format: "date-time" })),
    }),
  ),
  seriesTruncated: Type.Boolean(),
});

const READ = { permission: "telemetry:read" } as const;

/** `GET /api/v1/entities` finds, `GET /api/v1/entity?entity=` tells of one: keys hold `/`, `:` and `->` and may be long, so they travel in the query. */
export function entityRoutes(store: Store, topology: TopologyCache, nowMs: () => number): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Querystring: Static<typeof ListQuery> }>(
      "/api/v1/entities",
      { config: READ, schema: { summary: "Find entities by name, type and site", querystring: ListQuery, response: { 200: List } } },
      async ({ query }) => matchingEntities((await topology.get(nowMs())).nodes(), query),
    );
    app.get<{ Querystring: Static<typeof Query> }>(
      "/api/v1/entity",
      {
        config: READ,
        schema: { summary: "One entity: its series with their newest values, and what it hangs together with", querystring: Query, response: { 200: Reply } },
      },
      async ({ query }) => {
        if (parseEntityKey(query.entity) === undefined)
          throw new YunweiError("YUNWEI_BODY_INVALID", `An entity key is type:id with a type of: ${ENTITY_TYPES.join(", ")}.`);
        const entity = query.entity as EntityKey;
        const atMs = query.at === undefined ? nowMs() : Date.parse(query.at);
        const graph = await topology.get(nowMs());
        const found = await findSeries(store, { entity, metric: "", fromMs: nowMs() - DAY_MS, untilMs: nowMs(), limit: MAX_SERIES + 1 });
        const node = graph.node(entity) ?? (found[0] === undefined ? undefined : nodeOfSeries(entity, found[0]));
        if (node === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `Nothing is known of ${entity}.`);
        const series = await withLastValues(store, found.slice(0, MAX_SERIES), atMs);
        return { node, ...neighboursOf(graph, entity), at: new Date(atMs).toISOString(), series, seriesTruncated: found.length > MAX_SERIES };
      },
    );
  };
}

function nodeOfSeries(entity: EntityKey, { site, department }: SeriesRow): TopologyNode {
  return { entity, type: parseEntityKey(entity)!.type, site, department, criticality: "normal", declared: false };
}

function neighboursOf(graph: Topology, entity: EntityKey) {
  const bounded = (entities: readonly EntityKey[]) => ({ entities: entities.slice(0, MAX_NEIGHBOURS), total: entities.length });
  return {
    standsOn: bounded([...graph.targets(entity, "instance_of"), ...graph.foundations(entity)]),
    carries: bounded(graph.standingOn(entity)),
    calls: bounded(graph.targets(entity, "calls")),
    calledBy: bounded(graph.sources(entity, "calls")),
    instances: bounded(graph.sources(entity, "instance_of")),
  };
}

async function withLastValues(store: Store, series: readonly SeriesRow[], atMs: number) {
  const numbers = series.filter((one) => readingOf(one) !== "mean");
  const rows = new Map((await lastValues(store, numbers, atMs - RECENT_MS, atMs)).map((row) => [row.seriesId, row]));
  return series.map((one) => {
    const row = rows.get(one.seriesId);
    const unit = readUnit(one.unit, readingOf(one));
    if (row === undefined) return { ...one, readUnit: unit, last: null };
    return { ...one, readUnit: unit, last: lastReading(one, row), lastAt: new Date(row.newest * 1000).toISOString() };
  });
}
