import { IncidentSnapshot, YunweiError } from "@yunwei/schemas";
import type { State } from "@yunwei/state";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import type { Actor } from "./incident.ts";
import { INCIDENT_ACTS } from "./incident-acts.ts";
import type { IncidentDesk } from "./incident-desk.ts";
import type { LogEntry } from "./incident-fold.ts";
import { legalMoves } from "./incident-lifecycle.ts";
import { snapshotOf } from "./incident-snapshot.ts";
import { findIncident, type ListPosition, listIncidents, readLog, type StoredIncident } from "./incident-store.ts";

const Params = Type.Object({ incidentId: Type.String({ minLength: 1, maxLength: 64 }) });
const ListQuery = Type.Object({
  state: Type.Union([Type.Literal("open"), Type.Literal("all")], { default: "open", description: "open = not closed, merged or cancelled" }),
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: "`nextCursor` of the page before" })),
});
const Page = Type.Object({ incidents: Type.Array(IncidentSnapshot), nextCursor: Type.Optional(Type.String()) });
const Reply = Type.Object({ incident: IncidentSnapshot, moves: Type.Array(Type.String(), { description: "what a person may do next" }) });
const Log = Type.Object({
  events: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      event: Type.String(),
      from: Type.Optional(Type.String()),
      to: Type.String(),
      actor: Type.String(),
      at: Type.String(),
      eventTimeUnixNano: Type.Optional(Type.String()),
      fields: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});

const READ = { permission: "incident:read" } as const;
const WORK = { permission: "incident:work" } as const;

/** The incidents of `/api/v1`: list (without reports), one, its log, and one route for each act of a person. */
export function incidentRoutes(state: State, desk: IncidentDesk, nowMs: () => number): FastifyPluginAsync {
  const replyOf = (stored: StoredIncident, actor: Actor) => ({
    incident: snapshotOf(stored.incident, stored.report, nowMs()),
    moves: legalMoves(stored.incident, actor),
  });
  return async (app) => {
    app.get<{ Querystring: Static<typeof ListQuery> }>(
      "/api/v1/incidents",
      { config: READ, schema: { querystring: ListQuery, response: { 200: Page } } },
      async ({ query }) => {
        const now = nowMs();
        const found = await listIncidents(state, query.state === "open", query.limit + 1, positionOf(query.cursor));
        const incidents = found.slice(0, query.limit).map((incident) => snapshotOf(incident, undefined, now));
        const last = found.length > query.limit ? found[query.limit - 1] : undefined;
        return last === undefined ? { incidents } : { incidents, nextCursor: `${last.createdAtMs}.${last.incidentId}` };
      },
    );
    app.get<{ Params: Static<typeof Params> }>(
      "/api/v1/incidents/:incidentId",
      { config: READ, schema: { params: Params, response: { 200: Reply } } },
      async (request) => replyOf(await findOrRefuse(state, request.params.incidentId), actorOf(request)),
    );
    app.get<{ Params: Static<typeof Params> }>(
      "/api/v1/incidents/:incidentId/events",
      { config: READ, schema: { params: Params, response: { 200: Log } } },
      async ({ params }) => {
        await findOrRefuse(state, params.incidentId);
        return { events: (await readLog(state, params.incidentId)).map(viewOf) };
      },
    );
    addActs(app, desk, nowMs, replyOf);
  };
}

type ReplyOf = (stored: StoredIncident, actor: Actor) => Static<typeof Reply>;

function addActs(app: FastifyInstance, desk: IncidentDesk, nowMs: () => number, replyOf: ReplyOf): void {
  for (const act of INCIDENT_ACTS) {
    app.post<{ Params: Static<typeof Params>; Body: Record<string, unknown> }>(
      `/api/v1/incidents/:incidentId/${act.path}`,
      { config: WORK, schema: { params: Params, body: { ...act.body, description: act.summary }, response: { 200: Reply } } },
      async (request) => {
        const actor = actorOf(request);
        const fields = { ...act.defaults?.(actor.name, nowMs()), ...request.body };
        return replyOf(await desk.act(request.params.incidentId, { event: act.event, actor, fields }), actor);
      },
    );
  }
}

function actorOf(request: { principal?: { readonly name: string } }): Actor {
  return { kind: "person", name: request.principal?.name ?? "unknown" };
}

async function findOrRefuse(state: State, incidentId: string): Promise<StoredIncident> {
  const stored = await findIncident(state, incidentId);
  if (stored === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `There is no incident ${incidentId}.`);
  return stored;
}

function positionOf(cursor: string | undefined): ListPosition | undefined {
  if (cursor === undefined) return undefined;
  const match = /^(\d{1,15})\.([0-9a-f]{1,64})$/.exec(cursor);
  if (match === null) throw new YunweiError("YUNWEI_BODY_INVALID", "cursor must be `nextCursor` of the page before.");
  return { createdAtMs: Number(match[1]), incidentId: match[2]! };
}

function viewOf(entry: LogEntry) {
  const { incidentId: _, atMs, ...rest } = entry;
  return { ...rest, at: new Date(atMs).toISOString() };
}
