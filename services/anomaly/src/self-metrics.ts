import { metrics } from "@opentelemetry/api";
import type { Detection } from "./pipeline/detection.ts";
import type { FindingOutbox } from "./pipeline/finding-outbox.ts";

/** Publishes the detector's own figures through the OpenTelemetry API; without an SDK this costs nothing. @returns stops it */
export function observeSelf(detection: Detection, outbox: FindingOutbox): () => void {
  const meter = metrics.getMeter("@yunwei/anomaly");
  const { detector, presence } = detection;
  const counter = (name: string, unit: string, description: string, read: () => number) => {
    const instrument = meter.createObservableCounter(name, { unit, description });
    const callback = (result: { observe(value: number): void }): void => result.observe(read());
    instrument.addCallback(callback);
    return () => instrument.removeCallback(callback);
  };
  const gauge = (name: string, unit: string, description: string, read: () => number) => {
    const instrument = meter.createObservableGauge(name, { unit, description });
    const callback = (result: { observe(value: number): void }): void => result.observe(read());
    instrument.addCallback(callback);
    return () => instrument.removeCallback(callback);
  };
  const stops = [
    counter("yunwei.anomaly.points", "{point}", "Points scored", () => detector.points),
    counter("yunwei.anomaly.late_points", "{point}", "Points at or before the last of their series", () => detector.latePoints),
    counter("yunwei.anomaly.refused_series", "{series}", "Series refused because the process is full", () => detector.refusedSeries),
    counter("yunwei.anomaly.findings", "{finding}", "Findings published", () => outbox.told),
    gauge("yunwei.anomaly.series", "{series}", "Series with a state", () => detector.table.used),
    gauge("yunwei.anomaly.open", "{anomaly}", "Anomalies open now", () => detector.openAnomalies + presence.open),
    gauge("yunwei.anomaly.state", "By", "Bytes of series records", () => detector.table.bytes),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
