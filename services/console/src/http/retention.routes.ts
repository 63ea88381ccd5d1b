import type { FastifyPluginAsync } from "fastify";
import { Type } from "typebox";
import { sharedAnswer } from "../adapters/shared-answer.ts";
import type { IngestOffice } from "./ingest-office.ts";

const FRESH_MS = 5_000;
const Count = Type.Integer({ minimum: 0 });
const Table = { table: Type.String(), retention: Type.String({ description: "class of logs: short, std or mlps; empty of other tables" }) };
const Day = Type.String({ description: "YYYY-MM-DD, UTC; empty = not cut by day" });
const Retention = Type.Object({
  disks: Type.Array(
    Type.Object({
      name: Type.String(),
      freeBytes: Count,
      totalBytes: Count,
      beginBytes: Type.Number({ description: "below this the oldest data is dropped" }),
      endBytes: Type.Number({ description: "until this is free" }),
      dropping: Type.Boolean(),
    }),
  ),
  tables: Type.Array(Type.Object({ ...Table, rows: Count, bytes: Count, oldestDay: Day }), { description: "the largest first" }),
  next: Type.Array(Type.Object({ ...Table, day: Day, rows: Count, bytes: Count, step: Type.String() }), {
    description: "what would be dropped if space were short, in order; nothing is dropped by asking",
  }),
  dropped: Type.Array(Type.Object({ at: Type.String({ format: "date-time" }), ...Table, day: Day, rows: Count, bytes: Count, reason: Type.String() }), {
    description: "what was dropped before its time, the newest first",
  }),
});

/** `/api/v1/ingest/retention`: what is stored by table and class, and what would go first. */
export function retentionRoutes(office: IngestOffice, nowMs: () => number): FastifyPluginAsync {
  const stored = sharedAnswer(() => office.retention(), FRESH_MS, nowMs);
  return async (app) => {
    app.get(
      "/api/v1/ingest/retention",
      {
        config: { permission: "system:read" },
        schema: { summary: "What is stored, by table and class, and what would be dropped first", response: { 200: Retention } },
      },
      async () => {
        const { dropped, ...rest } = await stored();
        return { ...rest, dropped: dropped.map(({ atMs, ...drop }) => ({ at: new Date(atMs).toISOString(), ...drop })) };
      },
    );
  };
}
