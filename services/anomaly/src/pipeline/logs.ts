import type { BatchHandler } from "@yunwei/bus";
import { LogAggregator } from "../domain/log-aggregator.ts";
import type { PipelineParts } from "./detection.ts";
import { readRequest } from "./read-request.ts";

/** otlp_logs -> error rates -> findings. `close` ends the windows that are due; also called by the clock. */
export interface LogPipeline {
  readonly handler: BatchHandler;
  readonly close: () => void;
  readonly aggregator: LogAggregator;
}

export function logPipeline({ reader, detection, outbox, logger, nowMs }: PipelineParts): LogPipeline {
  const aggregator = new LogAggregator(detection.feed, detection.clocks);
  const close = (): void => aggregator.close(nowMs());
  const handler: BatchHandler = async (batch) => {
    for (const message of batch) {
      const request = await readRequest(reader, "logs", message, logger);
      if (request === undefined) continue;
      const { decoded } = request;
      aggregator.take(decoded.logs, decoded.resources, message.partition, nowMs());
      reader.release(decoded);
      close();
    }
    await outbox.flush(detection.detector.drain());
  };
  return { handler, close, aggregator };
}
