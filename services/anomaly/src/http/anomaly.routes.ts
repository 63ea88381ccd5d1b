import { YunweiError } from "@yunwei/schemas";
import type { FastifyPluginAsync } from "fastify";
import type { Band } from "../domain/detector.ts";

/** Figures of the running detector. */
export interface DetectorStatus {
  readonly series: number;
  readonly maxSeries: number;
  readonly refusedSeries: number;
  readonly points: number;
  readonly latePoints: number;
  readonly pointsPerSecond: number;
  readonly openAnomalies: number;
  readonly stateBytes: number;
  /** Age of the newest snapshot, null before the first. */
  readonly snapshotAgeMs: number | null;
  readonly tau: number;
}

/** The detector, which may be in another thread. */
export interface AnomalyRouteParts {
  readonly status: () => Promise<DetectorStatus>;
  readonly bandOf: (seriesId: string) => Promise<Band | undefined>;
}

const number = { type: "number" } as const;
const STATUS_REPLY = {
  type: "object",
  properties: {
    series: number,
    maxSeries: number,
    refusedSeries: number,
    points: number,
    latePoints: number,
    pointsPerSecond: number,
    openAnomalies: number,
    stateBytes: number,
    snapshotAgeMs: { type: ["number", "null"] },
    tau: number,
  },
} as const;
const BAND_REPLY = { type: "object", properties: { expected: number, lower: number, upper: number, mature: { type: "boolean" } } } as const;
const SERIES_PARAMS = { type: "object", required: ["seriesId"], properties: { seriesId: { type: "string", pattern: "^[0-9a-f]{16}$" } } } as const;

/** GET /api/v1/detector and GET /api/v1/detector/series/:seriesId (the band now), both for `system:read`. */
export function anomalyRoutes({ status, bandOf }: AnomalyRouteParts): FastifyPluginAsync {
  return async (app) => {
    const config = { permission: "system:read" } as const;
    app.get("/api/v1/detector", { config, schema: { response: { 200: STATUS_REPLY } } }, () => status());
    app.get<{ Params: { seriesId: string } }>(
      "/api/v1/detector/series/:seriesId",
      { config, schema: { params: SERIES_PARAMS, response: { 200: BAND_REPLY } } },
      async ({ params }) => {
        const band = await bandOf(params.seriesId);
        if (band === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", `No points of series ${params.seriesId} have come since the detector started.`);
        return band;
      },
    );
  };
}
