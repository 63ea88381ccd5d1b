import type { Logger } from "@yunwei/service-kit";
import type { State } from "@yunwei/state";
import { type SiteFreshnessRow, type Store, siteFreshness, siteLastSeen } from "@yunwei/store";
import type { FastifyPluginAsync } from "fastify";
import { Type } from "typebox";
import { openIncidentCounts } from "../adapters/incident-counts.ts";
import { sharedAnswer } from "../adapters/shared-answer.ts";
import { overviewOf, type SiteTelemetry } from "../domain/overview.ts";

const FRESH_MS = 3_000;
/** Silent sites are looked up in the roll-ups, which is dearer and changes slowly. */
const SILENT_FRESH_MS = 60_000;

const Count = Type.Integer({ minimum: 0 });
const Maybe = (type: ReturnType<typeof Type.Integer>) => Type.Union([type, Type.Null()]);
const SiteState = Type.Object({
  site: Type.String(),
  zh: Type.String(),
  en: Type.String(),
  health: Maybe(
    Type.Integer({ minimum: 0, maximum: 100, description: "100 less 60 / 30 / 12 / 4 for each P1 / P2 / P3 / P4 not restored; null = no news of the site" }),
  ),
  level: Type.Enum(["ok", "degraded", "failing", "unknown"]),
  freshness: Type.Object({
    state: Type.Enum(["fresh", "late", "stale", "never"], { description: "late after 90 s, stale after 3 min" }),
    ageSeconds: Type.Optional(Count),
    newestAt: Type.Optional(Type.String({ format: "date-time", description: "event time of the newest point" })),
  }),
  series: Maybe(Count),
  hosts: Maybe(Count),
  incidents: Type.Object({ P1: Count, P2: Count, P3: Count, P4: Count }),
});
const Reply = Type.Object({
  at: Type.String({ format: "date-time" }),
  tiles: Type.Array(
    Type.Object({
      tile: Type.String(),
      tier: Type.String(),
      grid: Type.Array(Type.Integer(), { minItems: 2, maxItems: 2, description: "column and row of the tile" }),
      sites: Type.Array(SiteState),
    }),
  ),
  others: Type.Array(SiteState, { description: "sites seen in data that the estate does not list" }),
  telemetryKnown: Type.Boolean({ description: "false: the telemetry store did not answer, so freshness is not known" }),
});

export interface OverviewParts {
  readonly store: Store;
  readonly state: State;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** `GET /api/v1/overview`: every site's health, freshness and open incidents. */
export function overviewRoutes({ store, state, logger, nowMs }: OverviewParts): FastifyPluginAsync {
  const now = sharedAnswer(() => siteFreshness(store, nowMs()), FRESH_MS, nowMs);
  const before = sharedAnswer(() => siteLastSeen(store, nowMs()), SILENT_FRESH_MS, nowMs);
  const incidents = sharedAnswer(() => openIncidentCounts(state), FRESH_MS, nowMs);
  return async (app) => {
    app.get(
      "/api/v1/overview",
      { config: { permission: "overview:read" }, schema: { summary: "Health, freshness and open incidents of every site", response: { 200: Reply } } },
      async () => {
        const telemetry = await Promise.all([before(), now()]).catch((error: unknown) => {
          logger.warn({ err: error }, "the overview is shown without telemetry");
          return undefined;
        });
        const overview = overviewOf(telemetryOf(telemetry?.flat() ?? []), await incidents(), nowMs());
        return { at: new Date(nowMs()).toISOString(), ...overview, telemetryKnown: telemetry !== undefined };
      },
    );
  };
}

/** Later rows win: the newest minutes come last. */
function telemetryOf(rows: readonly SiteFreshnessRow[]): Map<string, SiteTelemetry> {
  return new Map(rows.map((row) => [row.site, row]));
}
