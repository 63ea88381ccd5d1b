import type { BatchHandler } from "@yunwei/bus";
import { MetricIntake } from "../domain/metric-intake.ts";
import type { PipelineParts } from "./detection.ts";
import { readRequest } from "./read-request.ts";

/** otlp_metrics -> findings. At least once: points delivered again are at or before the last of their series, and dropped. */
export function metricsHandler({ reader, detection, outbox, logger, nowMs }: PipelineParts): BatchHandler {
  const intake = new MetricIntake(detection.detector, detection.presence);
  return async (batch) => {
    for (const message of batch) {
      const request = await readRequest(reader, "metrics", message, logger);
      if (request === undefined) continue;
      const { decoded, source } = request;
      detection.databases.take(decoded.resources);
      intake.take(decoded, detection.clocks.of(source), message.partition, nowMs());
      reader.release(decoded);
    }
    const absences = detection.sweep(nowMs());
    await outbox.flush([...detection.detector.drain(), ...absences]);
  };
}
