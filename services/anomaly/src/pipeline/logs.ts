import type { BatchHandler } from "@yunwei/bus";
import { LogDecoder } from "@yunwei/otlp";
import { LogAggregator } from "../domain/log-aggregator.ts";
import type { PipelineParts } from "./detection.ts";
import { decodeRequest, readRequest } from "./read-request.ts";

/** otlp_logs -> error rates -> findings. `close` ends the windows that are due; also called by the clock. */
export interface LogPipeline {
  readonly handler: BatchHandler;
  readonly close: () => void;
  readonly aggregator: LogAggregator;
}

export function logPipeline({ detection, outbox, logger, nowMs }: PipelineParts): LogPipeline {
  const decoder = new LogDecoder();
  const aggregator = new LogAggregator(detection.feed, detection.clocks);
  const close = (): void => aggregator.close(nowMs());
  const handler: BatchHandler = async (batch) => {
    for (const message of batch) {
      const request = await readRequest(message, logger);
      if (request === undefined || !decodeRequest(decoder, request, message, logger)) continue;
      aggregator.take(decoder.logs, decoder.resources, message.partition, nowMs());
      close();
    }
    await outbox.flush(detection.detector.drain());
  };
  return { handler, close, aggregator };
}
