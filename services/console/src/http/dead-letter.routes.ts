import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import type { IngestOffice, LetterHead } from "./ingest-office.ts";

const DAY_MS = 86_400_000;
const Time = Type.String({ format: "date-time" });
const Query = Type.Object({
  topic: Type.String({ maxLength: 249, default: "", description: "otlp_metrics, otlp_logs or otlp_spans; empty = any" }),
  since: Type.Optional(Time),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
});
const Params = Type.Object({ id: Type.String({ maxLength: 300, description: "topic:partition:offset" }) });
const Letter = Type.Object({
  id: Type.String(),
  topic: Type.String(),
  buriedAt: Time,
  source: Type.String({ description: "ingest token of the sender" }),
  bytes: Type.Integer(),
  failures: Type.Array(Type.Object({ stage: Type.String(), error: Type.String() })),
  replays: Type.Array(Type.Object({ at: Time, by: Type.String(), state: Type.Enum(["begun", "done", "failed"]) })),
});
const Shown = Type.Object({
  ...Letter.properties,
  headers: Type.Record(Type.String(), Type.String()),
  plainBytes: Type.Union([Type.Integer(), Type.Null()]),
  problem: Type.Union([Type.String(), Type.Null()], { description: "what the decoder says of it today; null = it can be decoded" }),
  place: Type.String({ description: "path of the field at fault" }),
  faultByte: Type.Union([Type.Integer(), Type.Null()]),
  hex: Type.Array(Type.String(), { description: "16 bytes a row around the fault" }),
  outline: Type.Array(Type.String(), { description: "fields that can be read: the first ones, and the last ones before the fault" }),
  omitted: Type.Integer({ description: "fields between them" }),
});
const Replay = Type.Object({ again: Type.Boolean({ default: false, description: "also when it was replayed before" }) }, { additionalProperties: false });
const Replayed = Type.Object({ did: Type.Enum(["published", "stored"]), rows: Type.Integer() });

/** `/api/v1/ingest/dead-letters`: what could not be stored, to look at and to replay. */
export function deadLetterRoutes(office: IngestOffice, nowMs: () => number): FastifyPluginAsync {
  const { deadLetters } = office;
  return async (app) => {
    app.get<{ Querystring: Static<typeof Query> }>(
      "/api/v1/ingest/dead-letters",
      {
        config: { permission: "system:read" },
        schema: {
          summary: "Messages that could not be stored, newest first",
          querystring: Query,
          response: { 200: Type.Object({ letters: Type.Array(Letter) }) },
        },
      },
      async ({ query }) => {
        const sinceMs = query.since === undefined ? nowMs() - 14 * DAY_MS : Date.parse(query.since);
        const letters = await deadLetters.list({ topic: query.topic, sinceMs, limit: query.limit });
        return { letters: letters.map((letter) => ({ ...viewOf(letter), bytes: letter.bytes })) };
      },
    );
    app.get<{ Params: Static<typeof Params> }>(
      "/api/v1/ingest/dead-letters/:id",
      { config: { permission: "telemetry:read" }, schema: { summary: "One of them, read as far as it goes", params: Params, response: { 200: Shown } } },
      async ({ params }) => {
        const { letter, description } = await deadLetters.show(params.id);
        const { plainBytes = null, problem = null, faultByte = null } = description;
        return { ...viewOf(letter), bytes: letter.value.length, headers: letter.headers, ...description, plainBytes, problem, faultByte };
      },
    );
    app.post<{ Params: Static<typeof Params>; Body: Static<typeof Replay> }>(
      "/api/v1/ingest/dead-letters/:id/replay",
      {
        config: { permission: "ingest:replay" },
        schema: { summary: "Replay one, once unless asked again", params: Params, body: Replay, response: { 200: Replayed } },
      },
      async ({ params, body, principal }) => deadLetters.replay(params.id, { again: body.again, by: principal!.name }),
    );
  };
}

function viewOf({ topic, partition, offset, buriedMs, headers, failures, replays }: LetterHead) {
  return {
    id: `${topic}:${partition}:${offset}`,
    topic,
    buriedAt: new Date(buriedMs).toISOString(),
    source: headers["yunwei.source"] ?? "collector",
    failures,
    replays: replays.map(({ atMs, by, state }) => ({ at: new Date(atMs).toISOString(), by, state })),
  };
}
