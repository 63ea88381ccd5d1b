import type { BatchHandler } from "@yunwei/bus";
import { SpanDecoder } from "@yunwei/otlp";
import { SpanAggregator } from "../domain/span-aggregator.ts";
import type { PipelineParts } from "./detection.ts";
import { decodeRequest, readRequest } from "./read-request.ts";

/** otlp_spans -> derived series -> findings. `close` ends the windows that are due; also called by the clock. */
export interface SpanPipeline {
  readonly handler: BatchHandler;
  readonly close: () => void;
  readonly aggregator: SpanAggregator;
}

export function spanPipeline({ detection, outbox, logger, nowMs }: PipelineParts): SpanPipeline {
  const decoder = new SpanDecoder();
  const aggregator = new SpanAggregator(detection.feed, detection.databases, detection.clocks);
  const close = (): void => aggregator.close(nowMs(), decoder.resources, decoder.strings);
  const handler: BatchHandler = async (batch) => {
    for (const message of batch) {
      const request = await readRequest(message, logger);
      if (request === undefined || !decodeRequest(decoder, request, message, logger)) continue;
      aggregator.take(decoder.spans, decoder.resources, decoder.strings, message.partition, nowMs());
      close();
    }
    await outbox.flush(detection.detector.drain());
  };
  return { handler, close, aggregator };
}
