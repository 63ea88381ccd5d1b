import { createHmac } from "node:crypto";
import { YunweiError } from "@yunwei/service-kit";
import type { Channel, Delivery } from "./channel.ts";

export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  /** Key of the signature; never logged. */
  readonly secret: string;
  readonly timeoutMs: number;
}

/** Version of the body; a change that receivers must know of raises it. */
const BODY_VERSION = "1";

/**
 * POSTs `{ version, notificationId, kind, incident, text }` as JSON. Any answer but 2xx is a failure; redirects are not
 * followed, so that the body goes to the configured address only.
 */
export function webhookChannel(settings: WebhookSettings): Channel {
  return {
    name: settings.name,
    async send(delivery) {
      const body = bodyOf(delivery);
      const timestamp = String(Math.floor(delivery.nowMs / 1000));
      const status = await post(settings, body, {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "yunwei-notify/1",
        "idempotency-key": delivery.notificationId,
        "yunwei-timestamp": timestamp,
        "yunwei-signature": signatureOf(settings.secret, timestamp, body),
      });
      if (status < 200 || status > 299) throw new YunweiError("YUNWEI_CHANNEL_FAILED", `${settings.name} answered with status ${status}.`);
    },
  };
}

/** `sha256=<hex>` of HMAC-SHA256 over `<timestamp>.<body>`: the receiver computes the same, and refuses old timestamps. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}

function bodyOf(delivery: Delivery): string {
  const { notificationId, kind, incident, text } = delivery;
  return JSON.stringify({ version: BODY_VERSION, notificationId, kind, incident, text });
}

async function post(settings: WebhookSettings, body: string, headers: Record<string, string>): Promise<number> {
  try {
    const response = await fetch(settings.url, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout(settings.timeoutMs) });
    // The answer's text is of no use, and may be endless.
    await response.body?.cancel();
    return response.status;
  } catch (cause) {
    throw new YunweiError("YUNWEI_CHANNEL_FAILED", `${settings.name} did not answer: ${reasonOf(cause, settings.timeoutMs)}.`, { cause });
  }
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof Error && cause.name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  // fetch wraps what went wrong; its code (ECONNREFUSED, ENOTFOUND ...) says it without the address and its tokens.
  const inner = cause instanceof Error ? (cause.cause as { code?: unknown } | undefined) : undefined;
  return typeof inner?.code === "string" ? inner.code : "the connection failed";
}
