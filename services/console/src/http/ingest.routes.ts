import { accountSums, chainFaults, labelCardinality, metricCardinality, type Store } from "@yunwei/store";
import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import { sharedAnswer } from "../adapters/shared-answer.ts";
import { accountsOf } from "../domain/ingest-accounts.ts";
import type { IngestOffice } from "./ingest-office.ts";

const FRESH_MS = 5_000;
const HOUR_MS = 3_600_000;
const METRICS = 50;
const Count = Type.Integer({ minimum: 0 });
const Maybe = Type.Union([Type.Number(), Type.Null()]);
const READ = { permission: "system:read" } as const;

const Hours = Type.Object({ hours: Type.Integer({ minimum: 1, maximum: 24 * 90, default: 24, description: "back from now, by when batches were cut" }) });
const Account = Type.Object({
  signal: Type.String(),
  source: Type.String({ description: "ingest token; collector = written to the bus by a Collector itself" }),
  received: Type.Integer({ description: "items: stored + rejected + dead + missing - surplus" }),
  stored: Count,
  rejected: Type.Integer({ description: "left out by the rules, and told to the sender" }),
  dead: Type.Integer({ description: "in dead letters" }),
  missing: Type.Integer({ description: "accepted and nowhere to be found: a loss" }),
  surplus: Type.Integer({ description: "stored and never accepted" }),
  unannounced: Type.Integer({ description: "messages without a count of ours" }),
});
const Accounting = Type.Object({
  from: Type.String({ format: "date-time" }),
  to: Type.String({ format: "date-time" }),
  verdict: Type.Enum(["accounted", "missing", "nothing"], {
    description: "accounted: every item that was received is stored, refused with a reason, or a dead letter",
  }),
  accounts: Type.Array(Account),
  inFlight: Type.Record(Type.String(), Count, { description: "messages on the bus that are not stored yet, by signal" }),
  faults: Type.Array(Type.Object({ signal: Type.String(), partition: Count, kind: Type.Enum(["gap", "overlap"]), lastOffset: Count, firstOffset: Count }), {
    description: "places where batches do not meet: messages that were never stored, or stored twice",
  }),
});
const CardinalityQuery = Type.Object({
  metric: Type.String({ maxLength: 1024, default: "", description: "exact name: adds its labels; empty = the list alone" }),
  day: Type.Optional(Type.String({ format: "date", description: "UTC; default today" })),
});
const Cardinality = Type.Object({
  day: Type.String({ format: "date" }),
  metrics: Type.Array(Type.Object({ metric: Type.String(), series: Count, seriesBefore: Type.Integer({ description: "of the day before" }) })),
  guarded: Type.Array(Type.Object({ source: Type.String(), metric: Type.String(), refusedPoints: Count }), {
    description: "at their limit of new series today",
  }),
  labels: Type.Optional(
    Type.Object({
      metric: Type.String(),
      series: Count,
      sampledOneIn: Type.Integer({ minimum: 1, description: "over 1: one series of so many was looked at, and shares are at least so large" }),
      labels: Type.Array(
        Type.Object({
          label: Type.String(),
          values: Count,
          series: Count,
          share: Type.Number({ minimum: 0, maximum: 1, description: "of the metric's series that would go without this label" }),
          top: Type.Array(Type.Object({ value: Type.String(), series: Count })),
        }),
      ),
    }),
  ),
});
const Senders = Type.Object({
  clocks: Type.Array(
    Type.Object({
      source: Type.String(),
      site: Type.String(),
      signal: Type.String(),
      skewSeconds: Type.Number({ description: "lead of its clock over ours, less the quickest way of its data" }),
      spreadSeconds: Type.Number(),
      samples: Count,
      verdict: Type.Enum(["ahead", "behind", "steady", "unsure"]),
    }),
  ),
  quotas: Type.Array(
    Type.Object({
      source: Type.String(),
      itemsPerSecond: Maybe,
      bytesPerSecond: Maybe,
      newSeriesPerMinute: Maybe,
      rejected: Type.Array(Type.Object({ reason: Type.String(), requests: Count, items: Count })),
    }),
  ),
});

/** `/api/v1/ingest/accounting`, `/cardinality` and `/senders`: what became of what came in, what it is made of, and who sends it. */
export function ingestRoutes(store: Store, office: IngestOffice, nowMs: () => number): FastifyPluginAsync {
  const metricsToday = sharedAnswer(() => metricCardinality(store, dayOf(nowMs()), METRICS), FRESH_MS, nowMs);
  return async (app) => {
    app.get<{ Querystring: Static<typeof Hours> }>(
      "/api/v1/ingest/accounting",
      {
        config: READ,
        schema: { summary: "What became of everything that was received, by token and signal", querystring: Hours, response: { 200: Accounting } },
      },
      async ({ query }) => {
        const toMs = nowMs();
        const fromS = Math.floor((toMs - query.hours * HOUR_MS) / 1000);
        const [sums, faults, lag] = await Promise.all([accountSums(store, fromS), chainFaults(store, fromS), office.lagByTopic()]);
        return { from: new Date(1000 * fromS).toISOString(), to: new Date(toMs).toISOString(), ...accountsOf(sums, faults, lag) };
      },
    );
    app.get<{ Querystring: Static<typeof CardinalityQuery> }>(
      "/api/v1/ingest/cardinality",
      {
        config: READ,
        schema: { summary: "Metrics by number of series; with `metric`, which label made them", querystring: CardinalityQuery, response: { 200: Cardinality } },
      },
      async ({ query: { metric, day = dayOf(nowMs()) } }) => {
        const isToday = day === dayOf(nowMs());
        const metrics = await (isToday ? metricsToday() : metricCardinality(store, day, METRICS));
        const labels = metric === "" ? {} : { labels: { metric, ...(await labelCardinality(store, metric, day)) } };
        return { day, metrics, guarded: isToday ? await office.guardedMetrics() : [], ...labels };
      },
    );
    app.get("/api/v1/ingest/senders", { config: READ, schema: { summary: "Clocks and quotas of ingest tokens", response: { 200: Senders } } }, async () => ({
      clocks: await office.clockSkew(),
      quotas: (await office.quotas()).map(({ itemsPerSecond = null, bytesPerSecond = null, newSeriesPerMinute = null, ...rest }) => ({
        ...rest,
        itemsPerSecond,
        bytesPerSecond,
        newSeriesPerMinute,
      })),
    }));
  };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
