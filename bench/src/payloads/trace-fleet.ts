import { OTLP_REQUESTS } from "@yunwei/otlp";
import { unixNano } from "../otlp-objects/otlp-objects.ts";
import { drawFrom, drawId } from "./draw.ts";
import type { Payload } from "./payload.ts";
import { drawInstance, SHOP, type ShopInstance, shopInstances } from "./shop-services.ts";
import { callFaces, databaseFace, type SpanFace, spanEvent } from "./span-attributes.ts";

/** Spans in a request, by and large: it is closed at the end of a trace. */
const REQUEST_SPANS = 1_000;
const FEWEST_SPANS = 3;
const MOST_SPANS = 12;
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const FAILED_RATIO = 0.02;
const EVENT_RATIO = 0.18;
/** Spans that come with the next request: the two ends of a call are exported by different processes. */
const LATE_RATIO = 0.05;

interface Open {
  readonly instance: number;
  readonly span: object;
}

/** Services that call each other in traces of 3 to 12 spans, exported through one Collector: a request has a ResourceSpans for each instance. */
export class TraceFleet {
  readonly #random: () => number;
  readonly #instances: readonly ShopInstance[];
  #late: Open[] = [];

  constructor(random: () => number) {
    this.#random = random;
    this.#instances = shopInstances(random);
  }

  /** The next request; its traces begin in the `spreadMs` before `timeMs`. */
  request(timeMs: number, spreadMs: number): Payload {
    const ready = this.#late;
    this.#late = [];
    while (ready.length < REQUEST_SPANS) {
      for (const open of this.#trace(timeMs - spreadMs * this.#random())) (this.#random() < LATE_RATIO ? this.#late : ready).push(open);
    }
    const byInstance = new Map<number, object[]>();
    for (const { instance, span } of ready) {
      const spans = byInstance.get(instance);
      if (spans === undefined) byInstance.set(instance, [span]);
      else spans.push(span);
    }
    const resourceSpans = [...byInstance].map(([instance, spans]) => {
      const { resource, service } = this.#instances[instance]!;
      return { resource, scopeSpans: [{ scope: { name: `io.opentelemetry.${service.language}.${service.protocol}`, version: "2.20.1" }, spans }] };
    });
    return { body: OTLP_REQUESTS.traces.encode({ resourceSpans }).finish(), items: ready.length };
  }

  #trace(startMs: number): Open[] {
    const random = this.#random;
    const trace: Trace = {
      id: drawId(random, 16),
      spans: [],
      left: FEWEST_SPANS + Math.floor(random() * (MOST_SPANS - FEWEST_SPANS + 1)),
      failed: random() < FAILED_RATIO,
    };
    const { server } = callFaces(SHOP[0]!, random, trace.failed);
    this.#handle(trace, 0, server, undefined, startMs);
    return trace.spans;
  }

  /** A server span with what it calls; returns its duration, milliseconds. */
  #handle(trace: Trace, service: number, face: SpanFace, parent: Uint8Array | undefined, startMs: number): number {
    const random = this.#random;
    const { calls, database } = SHOP[service]!;
    const instance = drawInstance(random, service);
    const id = drawId(random, 8);
    trace.left--;
    let spentMs = 0.3 - 2 * Math.log(1 - random());
    if (database !== undefined && trace.left > 0) {
      trace.left--;
      const queryMs = 0.2 - 3 * Math.log(1 - random());
      this.#add(trace, instance, { face: databaseFace(SHOP[service]!, random), kind: CLIENT, parent: id, startMs: startMs + spentMs, durationMs: queryMs });
      spentMs += queryMs;
    }
    while (calls.length > 0 && trace.left >= 2) {
      trace.left--;
      const callee = drawFrom(random, calls);
      const faces = callFaces(SHOP[callee]!, random, trace.failed);
      const client = drawId(random, 8);
      const took = this.#handle(trace, callee, faces.server, client, startMs + spentMs + 0.4) + 0.8;
      this.#add(trace, instance, { face: faces.client, kind: CLIENT, id: client, parent: id, startMs: startMs + spentMs, durationMs: took });
      spentMs += took;
    }
    this.#add(trace, instance, { face, kind: SERVER, id, parent, startMs, durationMs: spentMs + 0.2 });
    return spentMs + 0.2;
  }

  #add(trace: Trace, instance: number, { face, kind, id, parent, startMs, durationMs }: NewSpan): void {
    const random = this.#random;
    const hasEvent = trace.failed || random() < EVENT_RATIO;
    trace.spans.push({
      instance,
      span: {
        traceId: trace.id,
        spanId: id ?? drawId(random, 8),
        ...(parent === undefined ? {} : { parentSpanId: parent }),
        name: face.name,
        kind,
        startTimeUnixNano: unixNano(startMs),
        endTimeUnixNano: unixNano(startMs + durationMs),
        attributes: face.attributes,
        ...(hasEvent ? { events: [{ ...spanEvent(random, trace.failed), timeUnixNano: unixNano(startMs + durationMs / 2) }] } : {}),
        status: { code: trace.failed ? ERROR : 0 },
      },
    });
  }
}

interface Trace {
  readonly id: Uint8Array;
  readonly spans: Open[];
  /** Spans that it may still have. */
  left: number;
  readonly failed: boolean;
}

interface NewSpan {
  readonly face: SpanFace;
  readonly kind: number;
  readonly id?: Uint8Array;
  readonly parent: Uint8Array | undefined;
  readonly startMs: number;
  readonly durationMs: number;
}
