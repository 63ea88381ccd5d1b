import { type Attributes, metrics } from "@opentelemetry/api";
import type { Bus } from "@yunwei/bus";
import { identityOf, type RequestReader } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal, YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { ITEMS_HEADER } from "../domain/batch-accounts.ts";
import type { IngestToken, TokenBook } from "../domain/ingest-token.ts";
import type { Encoding } from "./otlp-response.ts";
import { type CheckedRequest, RequestChecker } from "./request-checker.ts";

export interface AdmissionOptions {
  readonly bus: Bus;
  readonly tokens: TokenBook;
  /** Of the process (RequestReader). */
  readonly reader: RequestReader;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** How a request came; an attribute of the counters. */
export type Protocol = "otlp/http" | "otlp/grpc" | "remote-write" | "syslog" | "snmp" | "probe";

/** A body that has been received, with what is known of it. */
export interface Received {
  readonly protocol: Protocol;
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly body: Uint8Array;
  /** "gzip", "zstd", or "" and "identity" for none. */
  readonly contentEncoding: string;
  readonly token: IngestToken;
  /** When it was received, Unix milliseconds: the time rule is judged by it, here and behind the bus. */
  readonly receivedMs: number;
  /** Items that the door itself has left out; they are counted with those that the checks leave out. */
  readonly refused?: number;
}

/** Why a request is refused, as an HTTP status and a text for the sender. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Most a message may be as it comes over the wire, by any protocol. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Bodies being worked on at once, all protocols together; more are refused and come again. */
const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;

const TOPICS: Readonly<Record<Signal, string>> = { metrics: OTLP_METRICS_TOPIC, traces: OTLP_SPANS_TOPIC, logs: OTLP_LOGS_TOPIC };

/** What every door does with a request: who sent it, is there room for it, is it sound, is it durable. One for all doors of a process. */
export class Admission {
  readonly nowMs: () => number;
  readonly #options: AdmissionOptions;
  readonly #checker: RequestChecker;
  readonly #meter = metrics.getMeter("yunwei.ingest");
  readonly #items = this.#meter.createCounter("yunwei.ingest.items", {
    unit: "{item}",
    description: "Items by signal, token, protocol and outcome: accepted (durable on the bus) or rejected.",
  });
  readonly #requests = this.#meter.createCounter("yunwei.ingest.requests", {
    unit: "{request}",
    description: "Requests by signal, protocol and status.",
  });
  #inFlightBytes = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#checker = new RequestChecker(options.reader);
    this.nowMs = options.nowMs;
  }

  /** Who sends `Authorization: Bearer <secret>`. @throws YunweiError YUNWEI_UNAUTHENTICATED */
  token(authorization: string | undefined): IngestToken {
    const token = this.#options.tokens.find(authorization);
    if (token !== undefined) return token;
    throw new YunweiError(
      "YUNWEI_UNAUTHENTICATED",
      "Send `Authorization: Bearer <ingest token>`; the token of this machine is in the file ingest-token of the data folder.",
    );
  }

  /** Counts bytes as in flight until the result is called (once or more often). @throws YunweiError YUNWEI_TOO_MANY_REQUESTS */
  hold(bytes: number): () => void {
    if (this.#inFlightBytes + bytes > MAX_IN_FLIGHT_BYTES)
      throw new YunweiError("YUNWEI_TOO_MANY_REQUESTS", "Too much is being taken in at once: send again in a second.");
    this.#inFlightBytes += bytes;
    let held = bytes;
    return () => {
      this.#inFlightBytes -= held;
      held = 0;
    };
  }

  /**
   * Checks the body and makes it durable on the bus; one without items is not published.
   * @throws YunweiError of the checks (see RequestChecker) or of the bus
   */
  async take(received: Received): Promise<CheckedRequest> {
    const { signal, token, protocol } = received;
    const headers = headersOf(token, received.receivedMs);
    const checked = await this.#checker.check(signal, received.encoding, received.body, received.contentEncoding, identityOf(headers, received.receivedMs));
    if (checked.items > 0) {
      headers[ITEMS_HEADER] = String(checked.items);
      if (checked.contentEncoding !== "") headers["content-encoding"] = checked.contentEncoding;
      await this.#options.bus.publish(TOPICS[signal], [{ key: checked.key, value: checked.value, headers }]);
    }
    const attributes: Attributes = { signal, source: token.id, protocol };
    this.#items.add(checked.items, { ...attributes, outcome: "accepted" });
    const rejected = checked.rejected + (received.refused ?? 0);
    if (rejected > 0) this.#items.add(rejected, { ...attributes, outcome: "rejected" });
    return checked;
  }

  /** What the sender is told; what is our own fault is logged with `what` it happened to. */
  refusal(error: unknown, what: Readonly<Record<string, unknown>>): Refusal {
    if (error instanceof YunweiError) {
      if (error.status >= 500) this.#options.logger.warn({ err: error, ...what }, "a request could not be taken");
      // A code that a sender must not retry for ever is not a 5xx; ours that may be retried is 503.
      return { status: error.status, message: `${error.code}: ${error.message}` };
    }
    this.#options.logger.error({ err: error, ...what }, "a request failed");
    return { status: 503, message: "YUNWEI_BUS_UNAVAILABLE: something broke on our side; send again" };
  }

  /** Counts an answered request. @param status - `http.response.status_code` or `rpc.grpc.status_code` with its value */
  answered(signal: Signal | "unknown", protocol: Protocol, status: Attributes): void {
    this.#requests.add(1, { signal, protocol, ...status });
  }
}

function headersOf(token: IngestToken, receivedMs: number): Record<string, string> {
  const headers: Record<string, string> = { "yunwei.source": token.id, "yunwei.received-ms": String(receivedMs) };
  if (token.site !== undefined) headers["yunwei.site"] = token.site;
  if (token.tier !== undefined) headers["yunwei.tier"] = token.tier;
  if (token.department !== undefined) headers["yunwei.department"] = token.department;
  return headers;
}
