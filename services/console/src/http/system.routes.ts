import { type Store, tableSizes } from "@yunwei/store";
import type { FastifyPluginAsync } from "fastify";
import { Type } from "typebox";
import { sharedAnswer } from "../adapters/shared-answer.ts";

const FRESH_MS = 5_000;
const Reply = Type.Object({
  version: Type.String(),
  at: Type.String({ format: "date-time" }),
  startedAt: Type.String({ format: "date-time" }),
  ingestLag: Type.Integer({ description: "messages taken in and not stored yet" }),
  tables: Type.Array(Type.Object({ table: Type.String(), rows: Type.Integer(), bytes: Type.Integer() })),
});

export interface SystemParts {
  readonly store: Store;
  readonly version: string;
  readonly nowMs: () => number;
  readonly ingestLag: () => Promise<number>;
}

/** `GET /api/v1/system`: the state of Yunwei itself. */
export function systemRoutes({ store, version, nowMs, ingestLag }: SystemParts): FastifyPluginAsync {
  const startedAt = new Date(nowMs()).toISOString();
  const sizes = sharedAnswer(() => tableSizes(store), FRESH_MS, nowMs);
  return async (app) => {
    app.get(
      "/api/v1/system",
      { config: { permission: "system:read" }, schema: { summary: "Version, ingest lag and table sizes", response: { 200: Reply } } },
      async () => {
        const [lag, tables] = await Promise.all([ingestLag(), sizes()]);
        return { version, at: new Date(nowMs()).toISOString(), startedAt, ingestLag: Math.max(0, Math.round(lag)), tables };
      },
    );
  };
}
