import type { IncomingMessage, ServerResponse } from "node:http";
import { MAX_PLAIN_BYTES } from "@yunwei/otlp";
import type { Admission, Refusal } from "../gateway/admission.ts";
import { withBody } from "../gateway/receive-body.ts";
import { negotiateVersion } from "./negotiate-version.ts";
import { type RemoteWriteVersion, RequestConverter } from "./request-converter.ts";
import { unsnap } from "./unsnap.ts";

/** Where Prometheus' own receiver has it too. */
export const REMOTE_WRITE_PATH = "/api/v1/write";

/** What has become durable of a request, and why the rest has not. */
interface Written {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  readonly problem: string | undefined;
}
const NOTHING: Written = { samples: 0, histograms: 0, exemplars: 0, problem: undefined };

/**
 * Prometheus remote write 1.0 and 2.0: a request becomes one OTLP request, which goes the way of all others. What is invalid
 * is left out and answered 400 with a text, though the rest is stored (both specifications, "Invalid samples" and "Partial write"):
 * a 5xx would be sent again for ever. 503 is for what may succeed later, though we call it 429 elsewhere: Prometheus drops data
 * on 429 by default. A quota is 429 all the same: it is the sender that has to change, or to be told to try again (`retry_on_http_429`).
 */
export class RemoteWriteDoor {
  readonly #admission: Admission;
  readonly #converter = new RequestConverter();

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let written = NOTHING;
    let refusal: Refusal | undefined;
    try {
      if (request.method !== "POST") refusal = { status: 405, message: "use POST" };
      else {
        written = await this.#take(request);
        if (written.problem !== undefined) refusal = { status: 400, message: written.problem };
      }
    } catch (error) {
      refusal = this.#admission.refusal(error, { url: request.url });
    }
    send(response, written, refusal);
    this.#admission.answered("metrics", "remote-write", { "http.response.status_code": response.statusCode });
  }

  #take(request: IncomingMessage): Promise<Written> {
    const token = this.#admission.token(request.headers.authorization);
    const version: RemoteWriteVersion = negotiateVersion(request.headers);
    return withBody(request, this.#admission, async (block) => {
      const plain = await unsnap(block, MAX_PLAIN_BYTES);
      const receivedMs = this.#admission.nowMs();
      const { body, tally } = this.#converter.convert(version, plain, token, receivedMs);
      const refused = tally.refused.samples + tally.refused.histograms;
      const received = { protocol: "remote-write", signal: "metrics", encoding: "protobuf", body, contentEncoding: "", token, receivedMs, refused } as const;
      const { items, histograms, exemplars, rejected, problem } = await this.#admission.take(received);
      const later = rejected > 0 ? `${rejected} of ${items + rejected} samples are refused, the rest is stored; the first: ${problem}` : undefined;
      return { samples: items - histograms, histograms, exemplars, problem: tally.describe() ?? later };
    });
  }
}

function send(response: ServerResponse, written: Written, refusal: Refusal | undefined): void {
  const status = refusal?.status === 429 && refusal.isQuota !== true ? 503 : (refusal?.status ?? 204);
  if (refusal?.retryAfterS !== undefined) response.setHeader("retry-after", refusal.retryAfterS);
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  if (status === 405) response.setHeader("allow", "POST");
  if (status === 413 || status === 401) response.setHeader("connection", "close");
  // 2.0 demands these of every answer; senders of 1.0 do not look.
  response.setHeader("x-prometheus-remote-write-samples-written", written.samples);
  response.setHeader("x-prometheus-remote-write-histograms-written", written.histograms);
  response.setHeader("x-prometheus-remote-write-exemplars-written", written.exemplars);
  if (refusal === undefined) {
    response.writeHead(status).end();
    return;
  }
  const body = Buffer.from(refusal.message, "utf8");
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "content-length": body.length }).end(body);
}
