import type { Signal } from "@yunwei/schemas";
import type { SpawnedStandalone } from "./spawn-standalone.ts";

const ATTEMPTS = 30;
const PATH: Readonly<Record<Signal, string>> = { metrics: "/v1/metrics", traces: "/v1/traces", logs: "/v1/logs" };

/** Sends Export requests as a well-behaved exporter does: 429 and 503 are sent again after the pause that was asked for. @throws Error for what must not be sent again */
export async function sendOtlp({ otlp, ingestToken }: Pick<SpawnedStandalone, "otlp" | "ingestToken">, signal: Signal, body: Uint8Array): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${otlp}${PATH[signal]}`, {
      method: "POST",
      headers: { authorization: `Bearer ${ingestToken}`, "content-type": "application/x-protobuf" },
      body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    });
    const text = Buffer.from(await response.arrayBuffer()).toString("utf8");
    if (response.status === 200) return;
    if ((response.status !== 429 && response.status !== 503) || attempt === ATTEMPTS) throw new Error(`${signal}: ${response.status} ${text.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get("retry-after") ?? 1)));
  }
}
