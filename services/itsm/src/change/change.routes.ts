import { encodeJson } from "@yunwei/bus";
import { CHANGE_TOPIC, ChangeMessage, YunweiError } from "@yunwei/schemas";
import { contentId } from "@yunwei/service-kit";
import type { Outbox, State } from "@yunwei/state";
import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import { changesRecorded } from "../telemetry.ts";
import { type ChangePosition, listChanges, saveChange } from "./change-store.ts";

const MAX_LABELS = 50;
const properties = ChangeMessage.properties;
const Body = Type.Object({
  changeId: Type.Optional(Type.String({ pattern: "^[\\w.:-]{1,100}$", description: "of the tool that made the change; derived from the content when absent" })),
  kind: properties.kind,
  title: Type.String({ minLength: 1, maxLength: 300 }),
  entities: properties.entities,
  startedUnixNano: properties.startedUnixNano,
  endedUnixNano: Type.Optional(properties.startedUnixNano),
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: "who made the change; default: who reports it" })),
  labels: Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 500 }), { default: {}, maxProperties: MAX_LABELS }),
});
const Query = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: "`nextCursor` of the page before" })),
});
const Reply = Type.Object({ change: ChangeMessage });
const Page = Type.Object({ changes: Type.Array(ChangeMessage), nextCursor: Type.Optional(Type.String()) });

/** The changes of `/api/v1`. Reporting the same change twice is a no-op; the same id with other content replaces it. */
export function changeRoutes(state: State, outbox: Outbox, nowMs: () => number): FastifyPluginAsync {
  return async (app) => {
    app.post<{ Body: Static<typeof Body> }>(
      "/api/v1/changes",
      { config: { permission: "change:write" }, schema: { body: Body, response: { 200: Reply } } },
      async ({ body, principal }) => {
        const reporter = principal?.name ?? "unknown";
        const change = toChange(body, reporter);
        const fresh = await outbox.transaction(async (tx) => {
          if (!(await saveChange(tx, change, reporter, nowMs()))) return false;
          await outbox.enqueue(tx, CHANGE_TOPIC, [{ key: change.changeId, value: encodeJson(change) }]);
          return true;
        });
        if (fresh) changesRecorded.add(1, { kind: change.kind });
        return { change };
      },
    );
    app.get<{ Querystring: Static<typeof Query> }>(
      "/api/v1/changes",
      { config: { permission: "change:read" }, schema: { querystring: Query, response: { 200: Page } } },
      async ({ query }) => {
        const found = await listChanges(state, query.limit + 1, positionOf(query.cursor));
        const changes = found.slice(0, query.limit);
        const last = found.length > query.limit ? changes.at(-1) : undefined;
        return last === undefined ? { changes } : { changes, nextCursor: `${last.startedUnixNano}.${last.changeId}` };
      },
    );
  };
}

function toChange(body: Static<typeof Body>, reporter: string): ChangeMessage {
  if (body.endedUnixNano !== undefined && BigInt(body.endedUnixNano) < BigInt(body.startedUnixNano)) {
    throw new YunweiError("YUNWEI_BODY_INVALID", "endedUnixNano lies before startedUnixNano.");
  }
  const { changeId, actor, ...rest } = body;
  return {
    ...rest,
    changeId: changeId ?? contentId("change", body.kind, body.title, body.startedUnixNano, ...body.entities),
    actor: actor ?? reporter,
  };
}

function positionOf(cursor: string | undefined): ChangePosition | undefined {
  if (cursor === undefined) return undefined;
  const match = /^(\d{1,20})\.([\w.:-]{1,100})$/.exec(cursor);
  if (match === null) throw new YunweiError("YUNWEI_BODY_INVALID", "cursor must be `nextCursor` of the page before.");
  return { startedUnixNano: match[1]!, changeId: match[2]! };
}
