import { type Attributes, metrics } from "@opentelemetry/api";
import type { Bus } from "@yunwei/bus";
import { identityOf, type RequestReader, type StreamIdentity } from "@yunwei/otlp";
import { OTLP_LOGS_TOPIC, OTLP_METRICS_TOPIC, OTLP_SPANS_TOPIC, type Signal, YunweiError } from "@yunwei/schemas";
import type { Logger } from "@yunwei/service-kit";
import { SkewBook, type SourceClock } from "../clock-skew/skew-book.ts";
import { ITEMS_HEADER } from "../domain/batch-accounts.ts";
import type { IngestToken, TokenBook } from "../domain/ingest-token.ts";
import { QuotaBook, type QuotaState } from "../quota/quota-book.ts";
import { Turnstile } from "../quota/turnstile.ts";
import { WatchedReader } from "../quota/watched-reader.ts";
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
  /** Of one that may be sent again: not before so many seconds, at least 1. */
  readonly retryAfterS?: number;
  /** The token is over a quota: it is not us who have no room. */
  readonly isQuota?: boolean;
}

/** Most a message may be as it comes over the wire, by any protocol. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Bodies being worked on at once, all protocols together; more are refused and come again. */
const MAX_IN_FLIGHT_BYTES = 128 * 1024 * 1024;
/** Bodies over this are unpacked and packed in a pool; only so many at once, as each may be 64 MiB in between. */
const LARGE_BODY_BYTES = 256 * 1024;
const LARGE_AT_ONCE = 8;
const LEAST_RETRY_S = 1;

const TOPICS: Readonly<Record<Signal, string>> = { metrics: OTLP_METRICS_TOPIC, traces: OTLP_SPANS_TOPIC, logs: OTLP_LOGS_TOPIC };

/** What every door does with a request: who sent it, is there room for it, is it sound, is it durable. One for all doors of a process. */
export class Admission {
  readonly nowMs: () => number;
  readonly #options: AdmissionOptions;
  readonly #reader: WatchedReader;
  readonly #checker: RequestChecker;
  readonly #large = new Turnstile(LARGE_AT_ONCE);
  readonly #quotas: QuotaBook;
  readonly #skews: SkewBook;
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
    this.#reader = new WatchedReader(options.reader);
    this.#checker = new RequestChecker(this.#reader);
    this.nowMs = options.nowMs;
    this.#quotas = new QuotaBook(options.tokens.all, options.nowMs());
    this.#skews = new SkewBook(options.tokens.all, options.nowMs);
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
   * @throws YunweiError of the quotas (nothing of the request is then published), of the checks (see RequestChecker) or of the bus
   */
  async take(received: Received): Promise<CheckedRequest> {
    const { signal, token, protocol, receivedMs } = received;
    this.#quotas.mayRead(token.id, received.body.length, signal === "metrics", receivedMs);
    const headers = headersOf(token, receivedMs);
    const identity = identityOf(headers, receivedMs);
    let giveBack: (() => void) | undefined;
    this.#reader.watch(identity, (seen) => {
      if (seen.relearns) this.#quotas.relearn(receivedMs);
      this.#skews.note(token.id, signal, seen.newestMs, receivedMs);
      giveBack = this.#quotas.take(token.id, received.body.length, seen.items, seen.newSeries, receivedMs);
    });
    try {
      const checked = await this.#check(received, identity);
      await this.#publish(received, checked, headers);
      const attributes: Attributes = { signal, source: token.id, protocol };
      this.#items.add(checked.items, { ...attributes, outcome: "accepted" });
      const rejected = checked.rejected + (received.refused ?? 0);
      if (rejected > 0) this.#items.add(rejected, { ...attributes, outcome: "rejected" });
      return checked;
    } catch (error) {
      giveBack?.();
      throw error;
    }
  }

  #check({ signal, encoding, body, contentEncoding }: Received, identity: StreamIdentity): Promise<CheckedRequest> {
    const check = () => this.#checker.check(signal, encoding, body, contentEncoding, identity);
    return body.length > LARGE_BODY_BYTES ? this.#large.through(check) : check();
  }

  async #publish({ signal }: Received, { items, key, value, contentEncoding }: CheckedRequest, headers: Record<string, string>): Promise<void> {
    if (items === 0) return;
    headers[ITEMS_HEADER] = String(items);
    if (contentEncoding !== "") headers["content-encoding"] = contentEncoding;
    await this.#options.bus.publish(TOPICS[signal], [{ key, value, headers }]);
  }

  /** Limits of tokens, and what was refused because of them. */
  quotas(): QuotaState[] {
    return this.#quotas.states();
  }

  /** Clocks of senders. */
  clockSkew(): SourceClock[] {
    return this.#skews.clocks(this.nowMs());
  }

  /** What the sender is told; what is our own fault is logged with `what` it happened to. */
  refusal(error: unknown, what: Readonly<Record<string, unknown>>): Refusal {
    if (error instanceof YunweiError) {
      if (error.status >= 500) this.#options.logger.warn({ err: error, ...what }, "a request could not be taken");
      // A code that a sender must not retry for ever is not a 5xx; ours that may be retried is 503.
      const refusal = { status: error.status, message: `${error.code}: ${error.message}` };
      return error.retryable ? { ...refusal, ...whenAgain(error) } : refusal;
    }
    this.#options.logger.error({ err: error, ...what }, "a request failed");
    return { status: 503, message: "YUNWEI_BUS_UNAVAILABLE: something broke on our side; send again", retryAfterS: LEAST_RETRY_S };
  }

  /** Counts an answered request. @param status - `http.response.status_code` or `rpc.grpc.status_code` with its value */
  answered(signal: Signal | "unknown", protocol: Protocol, status: Attributes): void {
    this.#requests.add(1, { signal, protocol, ...status });
  }
}

function whenAgain({ code, details }: YunweiError): Pick<Refusal, "retryAfterS" | "isQuota"> {
  if (code !== "YUNWEI_QUOTA_EXCEEDED") return { retryAfterS: LEAST_RETRY_S };
  const { retryAfterMs } = details as { retryAfterMs: number };
  return { retryAfterS: Math.max(LEAST_RETRY_S, Math.ceil(retryAfterMs / 1000)), isQuota: true };
}

function headersOf(token: IngestToken, receivedMs: number): Record<string, string> {
  const headers: Record<string, string> = { "yunwei.source": token.id, "yunwei.received-ms": String(receivedMs) };
  if (token.site !== undefined) headers["yunwei.site"] = token.site;
  if (token.tier !== undefined) headers["yunwei.tier"] = token.tier;
  if (token.department !== undefined) headers["yunwei.department"] = token.department;
  return headers;
}
