import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Signal, YunweiError } from "@yunwei/schemas";
import { REMOTE_WRITE_PATH, RemoteWriteDoor } from "../remote-write/remote-write-door.ts";
import type { Admission, Refusal } from "./admission.ts";
import { CONTENT_TYPE, type Encoding, statusBody, successBody } from "./otlp-response.ts";
import { withBody } from "./receive-body.ts";
import type { CheckedRequest } from "./request-checker.ts";

const REQUEST_TIMEOUT_MS = 60_000;

const SIGNAL_BY_PATH: ReadonlyMap<string, Signal> = new Map([
  ["/v1/metrics", "metrics"],
  ["/v1/traces", "traces"],
  ["/v1/logs", "logs"],
]);

/** gRPC codes of the Status body, by HTTP status. */
const GRPC_CODE: Readonly<Record<number, number>> = { 400: 3, 401: 16, 404: 5, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14 };

/**
 * The front door: OTLP/HTTP and Prometheus remote write on plain node:http. A request is answered 2xx only when the bus has
 * made it durable; it is never dropped after that. Not listening yet: the caller says where.
 */
export function createGatewayServer(admission: Admission): Server {
  const remoteWrite = new RemoteWriteDoor(admission);
  return createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: 10_000, keepAliveTimeout: 60_000, maxHeaderSize: 16 * 1024 },
    (request, response) => {
      const path = (request.url ?? "").split("?")[0]!;
      void (path === REMOTE_WRITE_PATH ? remoteWrite.answer(request, response) : answer(admission, path, request, response));
    },
  );
}

async function answer(admission: Admission, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const encoding: Encoding = request.headers["content-type"]?.startsWith("application/json") ? "json" : "protobuf";
  const signal = SIGNAL_BY_PATH.get(path);
  try {
    const { rejected, problem } = await take(admission, request, signal);
    send(response, 200, encoding, successBody(signal!, encoding, rejected, problem));
  } catch (error) {
    const { status, message, retryAfterS }: Refusal =
      error instanceof MethodNotAllowed ? { status: 405, message: error.message } : admission.refusal(error, { url: request.url });
    if (retryAfterS !== undefined) response.setHeader("retry-after", retryAfterS);
    if (status === 401) response.setHeader("www-authenticate", "Bearer");
    if (status === 413 || status === 401) response.setHeader("connection", "close");
    send(response, status, encoding, statusBody(encoding, GRPC_CODE[status] ?? 13, message));
  }
  admission.answered(signal ?? "unknown", "otlp/http", { "http.response.status_code": response.statusCode });
}

function take(admission: Admission, request: IncomingMessage, signal: Signal | undefined): Promise<CheckedRequest> {
  if (signal === undefined)
    throw new YunweiError("YUNWEI_NOT_FOUND", `OTLP/HTTP lives at /v1/metrics, /v1/traces and /v1/logs, Prometheus remote write at ${REMOTE_WRITE_PATH}`);
  if (request.method !== "POST") throw new MethodNotAllowed();
  const token = admission.token(request.headers.authorization);
  const encoding = encodingOf(request.headers["content-type"]);
  const contentEncoding = String(request.headers["content-encoding"] ?? "").toLowerCase();
  return withBody(request, admission, (body) =>
    admission.take({ protocol: "otlp/http", signal, encoding, body, contentEncoding, token, receivedMs: admission.nowMs() }),
  );
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

function send(response: ServerResponse, status: number, encoding: Encoding, body: Buffer): void {
  response.writeHead(status, { "content-type": CONTENT_TYPE[encoding], "content-length": body.length });
  response.end(body);
}
