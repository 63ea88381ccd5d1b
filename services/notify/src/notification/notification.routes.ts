import type { State } from "@yunwei/state";
import type { FastifyPluginAsync } from "fastify";
import { type Static, Type } from "typebox";
import { listNotifications, type NotificationRow } from "./notification-store.ts";

const Query = Type.Object({
  incidentId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
});
const Reply = Type.Object({
  notifications: Type.Array(
    Type.Object({
      notificationId: Type.String(),
      incidentId: Type.String(),
      number: Type.String(),
      seq: Type.Integer({ description: "entry of the incident's log that it is about" }),
      channel: Type.String({ description: "empty = no route led to a channel" }),
      kind: Type.String(),
      priority: Type.String(),
      state: Type.String({ description: "pending, sent, dead (given up) or skipped" }),
      reason: Type.String({ description: "why it waits, was skipped or was given up" }),
      notBefore: Type.String(),
      tries: Type.Integer(),
      attempts: Type.Array(Type.Object({ at: Type.String(), error: Type.Optional(Type.String()) })),
      text: Type.Optional(Type.Object({ zh: Type.String(), en: Type.String() })),
      createdAt: Type.String(),
      sentAt: Type.Optional(Type.String()),
    }),
  ),
});

/** `GET /api/v1/notifications`: why somebody was, or was not, told. With `incidentId` in the order of its log, else newest first. */
export function notificationRoutes(state: State): FastifyPluginAsync {
  return async (app) => {
    app.get<{ Querystring: Static<typeof Query> }>(
      "/api/v1/notifications",
      { config: { permission: "notification:read" }, schema: { querystring: Query, response: { 200: Reply } } },
      async ({ query }) => ({ notifications: (await listNotifications(state, query.incidentId, query.limit)).map(viewOf) }),
    );
  };
}

function viewOf(row: NotificationRow) {
  return {
    notificationId: row.notification_id,
    incidentId: row.incident_id,
    number: row.number,
    seq: row.seq,
    channel: row.channel,
    kind: row.kind,
    priority: row.priority,
    state: row.state,
    reason: row.reason,
    notBefore: row.not_before.toISOString(),
    tries: row.tries,
    attempts: row.attempts,
    ...(row.text_zh === null || row.text_en === null ? {} : { text: { zh: row.text_zh, en: row.text_en } }),
    createdAt: row.created_at.toISOString(),
    ...(row.sent_at === null ? {} : { sentAt: row.sent_at.toISOString() }),
  };
}
