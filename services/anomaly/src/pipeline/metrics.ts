import type { BatchHandler } from "@yunwei/bus";
import { MetricDecoder } from "@yunwei/otlp";
import { MetricIntake } from "../domain/metric-intake.ts";
import type { PipelineParts } from "./detection.ts";
import { decodeRequest, readRequest } from "./read-request.ts";

/** otlp_metrics -> findings. At least once: points delivered again are at or before the last of their series, and dropped. */
export function metricsHandler({ detection, outbox, logger, nowMs }: PipelineParts): BatchHandler {
  const decoder = new MetricDecoder();
  const intake = new MetricIntake(detection.detector, detection.presence);
  let resourcesSeen = 0;
  return async (batch) => {
    for (const message of batch) {
      const request = await readRequest(message, logger);
      if (request === undefined || !decodeRequest(decoder, request, message, logger)) continue;
      for (; resourcesSeen < decoder.resources.length; resourcesSeen++) {
        const { entity } = decoder.resources[resourcesSeen]!;
        if (entity.startsWith("database:")) detection.databases.add(entity.slice("database:".length));
      }
      intake.take(decoder, detection.clocks.of(request.identity.source), message.partition, nowMs());
    }
    const absences = detection.sweep(nowMs());
    await outbox.flush([...detection.detector.drain(), ...absences]);
  };
}
