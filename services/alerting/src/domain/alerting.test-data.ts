import { type Anomaly, type EntityKey, familyOfMetric, parseEntityKey } from "@yunwei/schemas";

/** A harmful, mature deviation of a series, `atS` seconds into the story. */
export function deviation(entity: EntityKey, metric: string, atS: number, over: Partial<Anomaly> = {}): Anomaly {
  return {
    messageId: `m-${entity}-${atS}`,
    anomalyId: `${entity}|${metric}`,
    state: "open",
    detector: "deviation",
    seriesId: "00000000000000ab",
    metric,
    unit: "1",
    family: familyOfMetric(metric).family,
    entity,
    entityType: parseEntityKey(entity)!.type,
    service: entity.startsWith("service:") ? entity.slice(8) : "",
    site: "suzhou",
    tier: "backbone",
    department: "d",
    labels: {},
    timeUnixNano: `${atS}000000000`,
    onsetUnixNano: `${atS}000000000`,
    value: 9,
    expected: 1,
    lower: 0,
    upper: 2,
    score: 30,
    peakScore: 30,
    direction: "up",
    harmful: true,
    mature: true,
    source: "t",
    ...over,
  };
}

/** Ids that tell nothing but are the same for the same parts. */
export const plainId = (...parts: readonly (string | number)[]): string => parts.join("/");
