import { OTLP_REQUESTS } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { seededRandom } from "@yunwei/series";
import { stringAttributes, unixNano } from "../otlp-objects/otlp-objects.ts";
import { metricsRequest } from "./metrics-request.ts";

/** One Export request and how many points, spans or records it has. */
export interface Payload {
  readonly body: Uint8Array;
  readonly items: number;
}

const STEP_MS = 15_000;
const RESOURCES = 16;
const SPANS = 500;
const LOG_RECORDS = 1_000;
const ROUTES = ["GET /orders/{id}", "POST /orders", "GET /users/{id}", "GET /health", "PUT /cart", "GET /search", "POST /pay", "DELETE /cart/{id}"];
const LINES = [
  "order {} accepted for user {}",
  "cache miss for key user:{}:{}",
  "upstream answered 200 in {} ms, attempt {}",
  "connection {} to pool {} is back",
];

/**
 * Requests of one signal in the shapes of notes/perf.md (1 resource of 12 attributes each; 1,000 points of 1,000 series,
 * 500 spans or 1,000 log records), from 16 resources in turn, 15 s of event time between two of one resource; the last ends at `endMs`.
 * The same seed gives the same bytes.
 */
export function otlpPayloads(signal: Signal, count: number, seed: number, endMs: number): Payload[] {
  const random = seededRandom(seed);
  const rounds = Math.ceil(count / RESOURCES);
  return Array.from({ length: count }, (_, i) => {
    const timeMs = endMs - (rounds - 1 - Math.floor(i / RESOURCES)) * STEP_MS;
    const resource = { attributes: stringAttributes(resourceOf(i % RESOURCES)) };
    const made =
      signal === "metrics"
        ? metricsRequest(resource, timeMs, random)
        : signal === "traces"
          ? spansRequest(resource, timeMs, random)
          : logsRequest(resource, timeMs, random);
    return { body: OTLP_REQUESTS[signal].encode(made.request).finish(), items: made.items };
  });
}

function resourceOf(index: number): Record<string, string> {
  const service = `shop-${index % 8}`;
  return {
    "service.name": service,
    "service.namespace": "bench",
    "service.version": "3.14.1",
    "service.instance.id": `${service}-${index}`,
    "host.name": `node-${index}`,
    "host.arch": "amd64",
    "os.type": "linux",
    "k8s.pod.name": `${service}-7d9c5b6f4-${index}`,
    "k8s.namespace.name": "bench",
    "k8s.node.name": `node-${index}`,
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.version": "2.22.0",
  };
}

interface Made {
  readonly request: object;
  readonly items: number;
}

function spansRequest(resource: object, timeMs: number, random: () => number): Made {
  let trace = bytes(16, random);
  let parent: Uint8Array | undefined;
  const spans = Array.from({ length: SPANS }, (_, i) => {
    if (i % 10 === 0) [trace, parent] = [bytes(16, random), undefined];
    const route = ROUTES[Math.floor(random() * ROUTES.length)]!;
    const durationMs = 2 - 20 * Math.log(1 - random());
    const startMs = timeMs - STEP_MS * random();
    const spanId = bytes(8, random);
    const span = {
      traceId: trace,
      spanId,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name: route,
      kind: i % 2 === 0 ? 2 : 3,
      startTimeUnixNano: unixNano(startMs),
      endTimeUnixNano: unixNano(startMs + durationMs),
      attributes: stringAttributes(spanAttributes(route, random)),
      ...(random() < 0.2
        ? { events: [{ timeUnixNano: unixNano(startMs + durationMs / 2), name: "cache.miss", attributes: stringAttributes({ key: "user" }) }] }
        : {}),
      status: { code: random() < 0.01 ? 2 : 0 },
    };
    parent = spanId;
    return span;
  });
  return { request: { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "bench", version: "1" }, spans }] }] }, items: SPANS };
}

function spanAttributes(route: string, random: () => number): Record<string, string> {
  const [method = "", path = ""] = route.split(" ");
  return {
    "http.request.method": method,
    "http.route": path,
    "url.path": path.replace("{id}", String(Math.floor(random() * 1e6))),
    "http.response.status_code": "200",
    "server.address": "shop.example",
    "network.protocol.version": "1.1",
    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64)",
    "client.address": `10.0.${Math.floor(random() * 255)}.${Math.floor(random() * 255)}`,
    "thread.name": "worker",
    "enduser.id": `user-${Math.floor(random() * 5000)}`,
  };
}

function logsRequest(resource: object, timeMs: number, random: () => number): Made {
  const logRecords = Array.from({ length: LOG_RECORDS }, () => {
    const atMs = timeMs - STEP_MS * random();
    const line = LINES[Math.floor(random() * LINES.length)]!;
    return {
      timeUnixNano: unixNano(atMs),
      observedTimeUnixNano: unixNano(atMs + 5),
      severityNumber: random() < 0.02 ? 17 : 9,
      severityText: "INFO",
      body: { stringValue: line.replace("{}", String(Math.floor(random() * 1e6))).replace("{}", String(Math.floor(random() * 5000))) },
      attributes: stringAttributes({
        "code.function.name": "handle",
        "code.file.path": "src/orders.ts",
        "log.logger": "orders",
        "thread.name": `worker-${Math.floor(random() * 8)}`,
        "request.id": Math.floor(random() * 2 ** 32).toString(16),
        "enduser.id": `user-${Math.floor(random() * 5000)}`,
      }),
      traceId: bytes(16, random),
      spanId: bytes(8, random),
    };
  });
  return { request: { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: "bench", version: "1" }, logRecords }] }] }, items: LOG_RECORDS };
}

/** Never all zero: that would be "no id". */
function bytes(length: number, random: () => number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = 1 + Math.floor(random() * 255);
  return out;
}
