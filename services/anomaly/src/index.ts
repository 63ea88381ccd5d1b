export { type AnomalyParts, type AnomalyService, createAnomaly } from "./app.ts";
export type { Band, DetectorOptions } from "./domain/detector.ts";
export { type AnomalyRouteParts, anomalyRoutes, type DetectorStatus } from "./http/anomaly.routes.ts";
