import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Attributes, metrics } from "@opentelemetry/api";
import type { Bus } from "@yunwei/bus";
import { identityOf } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal, YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import type { IngestToken, TokenBook } from "../domain/ingest-token.ts";
import { CONTENT_TYPE, type Encoding, statusBody, successBody } from "./otlp-response.ts";
import { readBody } from "./read-body.ts";
import { RequestChecker } from "./request-checker.ts";

export interface GatewayOptions {
  readonly bus: Bus;
  readonly tokens: TokenBook;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Most a body may be as it comes over the wire. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Bodies being worked on at once; more are answered 503 and come again. */
const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
const RETRY_AFTER_S = "1";

const ROUTES: ReadonlyMap<string, { signal: Signal; topic: string }> = new Map([
  ["/v1/metrics", { signal: "metrics", topic: OTLP_METRICS_TOPIC }],
  ["/v1/traces", { signal: "traces", topic: OTLP_SPANS_TOPIC }],
  ["/v1/logs", { signal: "logs", topic: OTLP_LOGS_TOPIC }],
]);

/** gRPC codes of the Status body, by HTTP status. */
const GRPC_CODE: Readonly<Record<number, number>> = { 400: 3, 401: 16, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14 };

/**
 * The front door: OTLP/HTTP on plain node:http. A request is answered 200 only when the bus has made it durable; it is
 * never dropped after that. Not listening yet: the caller says where.
 */
export function createGatewayServer(options: GatewayOptions): Server {
  const gateway = new Gateway(options);
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: 10_000, keepAliveTimeout: 60_000, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      void gateway.answer(request, response);
    },
  );
  return server;
}

class Gateway {
  readonly #options: GatewayOptions;
  readonly #checker = new RequestChecker();
  #inFlightBytes = 0;
  readonly #items = metrics
    .getMeter("yunwei.ingest")
    .createCounter("yunwei.ingest.items", { unit: "{item}", description: "Items by signal, token and outcome: accepted (durable on the bus) or rejected." });
  readonly #requests = metrics
    .getMeter("yunwei.ingest")
    .createCounter("yunwei.ingest.requests", { unit: "{request}", description: "OTLP/HTTP requests by signal and status." });

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding: Encoding = request.headers["content-type"]?.startsWith("application/json") ? "json" : "protobuf";
    const route = ROUTES.get((request.url ?? "").split("?")[0]!);
    try {
      const { rejected, problem } = await this.#take(request, route);
      send(response, 200, encoding, successBody(route!.signal, encoding, rejected, problem));
    } catch (error) {
      const { status, message } = this.#describe(error, request);
      if (status === 503 || status === 429) response.setHeader("retry-after", RETRY_AFTER_S);
      if (status === 401) response.setHeader("www-authenticate", "Bearer");
      if (status === 413 || status === 401) response.setHeader("connection", "close");
      send(response, status, encoding, statusBody(encoding, GRPC_CODE[status] ?? 13, message));
    }
    this.#requests.add(1, { signal: route?.signal ?? "unknown", "http.response.status_code": response.statusCode });
  }

  async #take(request: IncomingMessage, route: { signal: Signal; topic: string } | undefined): Promise<{ rejected: number; problem: string | undefined }> {
    if (route === undefined) throw new YunweiError("YUNWEI_NOT_FOUND", "OTLP/HTTP lives at /v1/metrics, /v1/traces and /v1/logs");
    if (request.method !== "POST") throw new MethodNotAllowed();
    const token = this.#options.tokens.find(request.headers.authorization);
    if (token === undefined)
      throw new YunweiError(
        "YUNWEI_UNAUTHENTICATED",
        "Send `Authorization: Bearer <ingest token>`; the token of this machine is in the file ingest-token of the data folder.",
      );
    const encoding = encodingOf(request.headers["content-type"]);
    const announced = Math.min(Number(request.headers["content-length"] ?? MAX_BODY_BYTES) || 0, MAX_BODY_BYTES);
    if (this.#inFlightBytes + announced > MAX_IN_FLIGHT_BYTES)
      throw new YunweiError("YUNWEI_TOO_MANY_REQUESTS", "Too much is being taken in at once: send again in a second.");
    this.#inFlightBytes += announced;
    try {
      const body = await readBody(request, MAX_BODY_BYTES);
      return await this.#publish(route, encoding, body, String(request.headers["content-encoding"] ?? "").toLowerCase(), token);
    } finally {
      this.#inFlightBytes -= announced;
    }
  }

  async #publish(
    route: { signal: Signal; topic: string },
    encoding: Encoding,
    body: Buffer,
    contentEncoding: string,
    token: IngestToken,
  ): Promise<{ rejected: number; problem: string | undefined }> {
    const headers = headersOf(token, this.#options.nowMs());
    const checked = await this.#check(route.signal, encoding, body, contentEncoding, headers);
    if (checked.items > 0) {
      if (checked.contentEncoding !== "") headers["content-encoding"] = checked.contentEncoding;
      await this.#options.bus.publish(route.topic, [{ key: checked.key, value: checked.value, headers }]);
    }
    const attributes: Attributes = { signal: route.signal, source: token.id };
    this.#items.add(checked.items, { ...attributes, outcome: "accepted" });
    if (checked.rejected > 0) this.#items.add(checked.rejected, { ...attributes, outcome: "rejected" });
    return checked;
  }

  #check(signal: Signal, encoding: Encoding, body: Buffer, contentEncoding: string, headers: Readonly<Record<string, string>>) {
    return this.#checker.check(signal, encoding, body, contentEncoding, identityOf(headers));
  }

  #describe(error: unknown, request: IncomingMessage): { status: number; message: string } {
    if (error instanceof MethodNotAllowed) return { status: 405, message: error.message };
    if (error instanceof YunweiError) {
      if (error.status >= 500) this.#options.logger.warn({ err: error, url: request.url }, "a request could not be taken");
      // A code that a sender must not retry for ever is not a 5xx; ours that may be retried is 503.
      return { status: error.status, message: `${error.code}: ${error.message}` };
    }
    this.#options.logger.error({ err: error, url: request.url }, "a request failed");
    return { status: 503, message: "YUNWEI_BUS_UNAVAILABLE: something broke on our side; send again" };
  }
}

class MethodNotAllowed extends Error {
  constructor() {
    super("use POST");
  }
}

function encodingOf(contentType: string | undefined): Encoding {
  const type = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  if (type === "application/x-protobuf") return "protobuf";
  if (type === "application/json") return "json";
  throw new YunweiError(
    "YUNWEI_OTLP_TYPE_UNSUPPORTED",
    `content-type ${type.slice(0, 60) || "(none)"} is not known here: send application/x-protobuf or application/json`,
  );
}

function headersOf(token: IngestToken, nowMs: number): Record<string, string> {
  const headers: Record<string, string> = { "yunwei.source": token.id, "yunwei.received-ms": String(nowMs) };
  if (token.site !== undefined) headers["yunwei.site"] = token.site;
  if (token.tier !== undefined) headers["yunwei.tier"] = token.tier;
  if (token.department !== undefined) headers["yunwei.department"] = token.department;
  return headers;
}

function send(response: ServerResponse, status: number, encoding: Encoding, body: Buffer): void {
  response.writeHead(status, { "content-type": CONTENT_TYPE[encoding], "content-length": body.length });
  response.end(body);
}
