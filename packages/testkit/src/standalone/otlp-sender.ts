import type { Signal } from "@yunwei/schemas";
import { type RejectedItems, rejectedItems } from "./rejected-items.ts";
import type { SpawnedStandalone } from "./spawn-standalone.ts";

const ATTEMPTS = 30;
const PATH: Readonly<Record<Signal, string>> = { metrics: "/v1/metrics", traces: "/v1/traces", logs: "/v1/logs" };
const TYPE = { protobuf: "application/x-protobuf", json: "application/json" } as const;

export interface SendOptions {
  /** Encoding of the body; default protobuf. */
  readonly encoding?: keyof typeof TYPE;
  /** Its compression; default none. */
  readonly compression?: "gzip" | "zstd";
}

/** An Export request that the gateway does not take and that must not be sent again. */
export class OtlpRefusedError extends Error {
  readonly status: number;

  constructor(signal: Signal, status: number, answer: string) {
    super(`${signal}: ${status} ${answer}`);
    this.name = "OtlpRefusedError";
    this.status = status;
  }
}

/**
 * Sends Export requests as a well-behaved exporter does: 429 and 503 are sent again after the pause that was asked for.
 * @returns what the gateway left out of a request that it took (partial success)
 * @throws OtlpRefusedError for what must not be sent again, and when all attempts are used up
 */
export async function sendOtlp(
  { otlp, ingestToken }: Pick<SpawnedStandalone, "otlp" | "ingestToken">,
  signal: Signal,
  body: Uint8Array,
  { encoding = "protobuf", compression }: SendOptions = {},
): Promise<RejectedItems> {
  const headers = {
    authorization: `Bearer ${ingestToken}`,
    "content-type": TYPE[encoding],
    ...(compression === undefined ? {} : { "content-encoding": compression }),
  };
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${otlp}${PATH[signal]}`, { method: "POST", headers, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) });
    const answer = Buffer.from(await response.arrayBuffer());
    if (response.status === 200) return rejectedItems(encoding, answer);
    if ((response.status !== 429 && response.status !== 503) || attempt === ATTEMPTS)
      throw new OtlpRefusedError(signal, response.status, answer.toString("utf8").slice(0, 300));
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get("retry-after") ?? 1)));
  }
}
