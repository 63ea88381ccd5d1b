import type { IncomingMessage } from "node:http";
import { type Admission, MAX_BODY_BYTES } from "./admission.ts";
import { readBody } from "./read-body.ts";

/**
 * Runs `work` on the request's body, whose bytes count as in flight until it is done; one of unknown length counts as the largest.
 * @throws YunweiError YUNWEI_TOO_MANY_REQUESTS, YUNWEI_OTLP_TOO_LARGE, YUNWEI_OTLP_INVALID (broken off), and what `work` throws
 */
export async function withBody<T>(request: IncomingMessage, admission: Admission, work: (body: Buffer) => Promise<T>): Promise<T> {
  const announced = Math.min(Number(request.headers["content-length"] ?? MAX_BODY_BYTES) || 0, MAX_BODY_BYTES);
  const release = admission.hold(announced);
  try {
    return await work(await readBody(request, MAX_BODY_BYTES));
  } finally {
    release();
  }
}
