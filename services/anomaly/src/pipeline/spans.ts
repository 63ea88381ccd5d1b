import type { BatchHandler } from "@yunwei/bus";
import { SpanAggregator } from "../domain/span-aggregator.ts";
import type { PipelineParts } from "./detection.ts";
import { readRequest } from "./read-request.ts";

/** otlp_spans -> derived series -> findings. `close` ends the windows that are due; also called by the clock. */
export interface SpanPipeline {
  readonly handler: BatchHandler;
  readonly close: () => void;
  readonly aggregator: SpanAggregator;
}

export function spanPipeline({ reader, detection, outbox, logger, nowMs }: PipelineParts): SpanPipeline {
  const aggregator = new SpanAggregator(detection.feed, detection.databases, detection.clocks);
  const close = (): void => aggregator.close(nowMs());
  const handler: BatchHandler = async (batch) => {
    for (const message of batch) {
      const request = await readRequest(reader, "traces", message, logger);
      if (request === undefined) continue;
      const { decoded } = request;
      aggregator.take(decoded.spans, decoded.resources, decoded.strings, message.partition, nowMs());
      reader.release(decoded);
      close();
    }
    await outbox.flush(detection.detector.drain());
  };
  return { handler, close, aggregator };
}
