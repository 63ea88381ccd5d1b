import { setTimeout as sleep } from "node:timers/promises";
import { context, type Link, metrics, type ObservableResult, propagation, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { BatchHandler, Bus, BusMessage, DeliveredMessage, SubscribeOptions, Subscription } from "@yunwei/bus";

/** A batch is linked to at most this many of the spans that published its messages. */
const MAX_LINKS = 16;

/**
 * The bus as one service sees it: every publish of findings and every batch handled is a span of that service (OpenTelemetry messaging
 * conventions), and findings carry their trace along, so that one trace leads from a deviation to the message on the phone. The gauge
 * `yunwei.bus.lag` tells how many messages of each topic each of its groups has not committed.
 */
export function tracedBus(bus: Bus, service: string): Bus {
  const tracer = trace.getTracer(`yunwei.${service}`);
  const lag = new LagGauge(service);
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics),
    close: async () => {
      lag.close();
      await bus.close();
    },
    publish: (topic, messages) => {
      if (!isOurs(topic)) return bus.publish(topic, messages);
      return tracer.startActiveSpan(`publish ${topic}`, { kind: SpanKind.PRODUCER, attributes: attributesOf(topic, messages.length) }, (span) =>
        settle(span, bus.publish(topic, messages.map(withTrace))),
      );
    },
    subscribe: async (options: SubscribeOptions, handler: BatchHandler) => {
      const attributes = { "messaging.system": "yunwei_bus", "messaging.destination.name": options.topic, "messaging.consumer.group.name": options.groupId };
      const subscription = await bus.subscribe(options, (batch) =>
        tracer.startActiveSpan(
          `process ${options.topic}`,
          { kind: SpanKind.CONSUMER, links: linksOf(batch), attributes: { ...attributes, "messaging.batch.message_count": batch.length } },
          (span) => settle(span, handler(batch)),
        ),
      );
      return lag.follow(attributes, subscription);
    },
  };
}

/** A lag that takes longer than this is left out of one collection: the brokers are away, and the export must not wait for them. */
const LAG_LIMIT_MS = 5_000;

/** The lag of a group is that of all its members together: of several here one is asked. */
class LagGauge {
  readonly #followed = new Map<string, { readonly attributes: Record<string, string>; readonly subscriptions: Set<Subscription> }>();
  readonly #gauge;
  readonly #observe = (result: ObservableResult): Promise<void> => this.#collect(result);

  constructor(service: string) {
    this.#gauge = metrics
      .getMeter(`yunwei.${service}`)
      .createObservableGauge("yunwei.bus.lag", { unit: "{message}", description: "Messages of a topic that a group has not committed." });
    this.#gauge.addCallback(this.#observe);
  }

  follow(attributes: Record<string, string>, subscription: Subscription): Subscription {
    const key = Object.values(attributes).join("\n");
    const entry = this.#followed.get(key) ?? { attributes, subscriptions: new Set() };
    entry.subscriptions.add(subscription);
    this.#followed.set(key, entry);
    return {
      lag: () => subscription.lag(),
      close: () => {
        entry.subscriptions.delete(subscription);
        if (entry.subscriptions.size === 0) this.#followed.delete(key);
        return subscription.close();
      },
    };
  }

  async #collect(result: ObservableResult): Promise<void> {
    await Promise.all(
      [...this.#followed.values()].map(async ({ attributes, subscriptions: [one] }) => {
        const lag = await Promise.race([one?.lag(), sleep(LAG_LIMIT_MS, undefined, { ref: false })]).catch(() => undefined);
        if (lag !== undefined) result.observe(lag, attributes);
      }),
    );
  }

  close(): void {
    this.#gauge.removeCallback(this.#observe);
  }
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
