import { hashStrings } from "@yunwei/otlp";
import type { Anomaly } from "@yunwei/schemas";

const DIRECTIONS = { up: 1, down: -1, absent: 0 } as const;

/** A row of table `anomalies`. Severity: 0 closed, 1 harmless or too young, 2 harmful, 3 harmful and far out. @param tau - the z that opens */
export function anomalyRow(anomaly: Anomaly, tau: number): Record<string, string | number> {
  return {
    department: anomaly.department,
    site: anomaly.site,
    tier: anomaly.tier,
    detector: anomaly.detector,
    metric: anomaly.metric,
    entity_id: decimalOf(hashStrings(anomaly.entity)),
    series_id: decimalOf(anomaly.seriesId),
    entity: anomaly.entity,
    ts: clickHouseTime(anomaly.timeUnixNano),
    value: anomaly.value,
    expected: anomaly.expected,
    lower: anomaly.lower,
    upper: anomaly.upper,
    score: anomaly.score,
    severity: severityOf(anomaly, tau),
    direction: DIRECTIONS[anomaly.direction],
    anomaly_id: anomaly.anomalyId,
  };
}

function severityOf(anomaly: Anomaly, tau: number): number {
  if (anomaly.state === "close") return 0;
  if (!anomaly.harmful || !anomaly.mature) return 1;
  return anomaly.score >= 4 * tau ? 3 : 2;
}

function decimalOf(hex64: string): string {
  return BigInt(`0x${hex64}`).toString();
}

/** UTC with milliseconds, as ClickHouse reads it. */
function clickHouseTime(unixNano: string): string {
  return new Date(Number(BigInt(unixNano) / 1_000_000n)).toISOString().replace("T", " ").replace("Z", "");
}
