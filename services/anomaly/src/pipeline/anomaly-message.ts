import type { Anomaly } from "@yunwei/schemas";
import { contentId } from "@yunwei/service-kit";
import type { Finding } from "../domain/finding.ts";

/** The message that tells a finding; the same finding gives the same ids. Precondition: the finding's series has an entity. */
export function anomalyMessage(finding: Finding): Anomaly {
  const { series, detector, state, value, expected, lower, upper, score, peakScore, direction, harmful, mature } = finding;
  const onsetUnixNano = nanosOf(finding.onsetMs);
  const timeUnixNano = nanosOf(finding.timeMs);
  const anomalyId = contentId(series.seriesId, onsetUnixNano, detector);
  return {
    messageId: contentId(anomalyId, state, timeUnixNano),
    anomalyId,
    state,
    detector,
    seriesId: series.seriesId,
    metric: series.metric,
    unit: series.unit,
    family: series.traits.family,
    entity: series.entity.slice(0, 512),
    entityType: series.entityType,
    service: series.service,
    site: series.site,
    tier: series.tier,
    department: series.department,
    labels: { ...series.labels },
    ...(series.edge === undefined ? {} : { edge: { ...series.edge } }),
    timeUnixNano,
    onsetUnixNano,
    value,
    expected,
    lower,
    upper,
    score,
    peakScore,
    direction,
    harmful,
    mature,
    source: series.source,
  };
}

/** Milliseconds with a fraction as nanoseconds; exact to the microsecond. */
function nanosOf(timeMs: number): string {
  const whole = Math.floor(timeMs);
  const micros = Math.round((timeMs - whole) * 1000);
  return (BigInt(whole) * 1_000_000n + BigInt(micros) * 1000n).toString();
}
