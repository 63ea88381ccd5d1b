import { context, type Link, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { BatchHandler, Bus, BusMessage, DeliveredMessage, SubscribeOptions } from "@yunwei/bus";

/** A batch is linked to at most this many of the spans that published its messages. */
const MAX_LINKS = 16;

/**
 * The bus as one service sees it: every publish of findings and every batch handled is a span of that service (OpenTelemetry messaging
 * conventions), and findings carry their trace along, so that one trace leads from a deviation to the message on the phone.
 */
export function tracedBus(bus: Bus, service: string): Bus {
  const tracer = trace.getTracer(`yunwei.${service}`);
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics),
    close: () => bus.close(),
    publish: (topic, messages) => {
      if (!isOurs(topic)) return bus.publish(topic, messages);
      return tracer.startActiveSpan(`publish ${topic}`, { kind: SpanKind.PRODUCER, attributes: attributesOf(topic, messages.length) }, (span) =>
        settle(span, bus.publish(topic, messages.map(withTrace))),
      );
    },
    subscribe: (options: SubscribeOptions, handler: BatchHandler) =>
      bus.subscribe(options, (batch) =>
        tracer.startActiveSpan(
          `process ${options.topic}`,
          {
            kind: SpanKind.CONSUMER,
            links: linksOf(batch),
            attributes: { ...attributesOf(options.topic, batch.length), "messaging.consumer.group.name": options.groupId },
          },
          (span) => settle(span, handler(batch)),
        ),
      ),
  };
}

/** Telemetry from outside keeps its own headers and size, and a span for every request that comes in would be more telemetry than came in. */
function isOurs(topic: string): boolean {
  return topic.startsWith("yunwei.");
}

function attributesOf(topic: string, count: number): Record<string, string | number> {
  return { "messaging.system": "yunwei_bus", "messaging.destination.name": topic, "messaging.batch.message_count": count };
}

function withTrace(message: BusMessage): BusMessage {
  const headers: Record<string, string> = { ...message.headers };
  propagation.inject(context.active(), headers);
  return { ...message, headers };
}

function linksOf(batch: readonly DeliveredMessage[]): Link[] {
  const links: Link[] = [];
  for (const { headers } of batch) {
    if (headers?.["traceparent"] === undefined || links.length >= MAX_LINKS) continue;
    const spanContext = trace.getSpanContext(propagation.extract(context.active(), headers));
    if (spanContext !== undefined) links.push({ context: spanContext });
  }
  return links;
}

async function settle<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message.slice(0, 200) : "failed" });
    throw error;
  } finally {
    span.end();
  }
}
