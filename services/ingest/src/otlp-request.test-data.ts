import { otlpJsonToProtobuf } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { type RunningIngest, SECRET } from "./running-ingest.test-data.ts";

/** Now, or so far from it, in nanoseconds. */
export const nowNano = (offsetMs = 0): string => `${Date.now() + offsetMs}000000`;

export interface Post {
  readonly secret?: string;
  readonly type?: string;
  readonly encoding?: string;
  readonly method?: string;
}

/** Sends a request to the HTTP door of `running`, as the local sender unless told otherwise. */
export function post(
  { httpPort }: RunningIngest,
  path: string,
  body: Uint8Array | string,
  { secret = SECRET, type = "application/x-protobuf", encoding, method = "POST" }: Post = {},
): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${secret}`, "content-type": type };
  if (encoding !== undefined) headers["content-encoding"] = encoding;
  return fetch(`http://127.0.0.1:${httpPort}${path}`, {
    method,
    headers,
    ...(method === "GET" ? {} : { body: typeof body === "string" ? body : Buffer.from(body) }),
  });
}

/** A string attribute in OTLP/JSON. */
export const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
/** A host of Nanjing. */
export const resource = { attributes: [attribute("host.name", "h1"), attribute("yunwei.site", "nanjing")] };
/** A metrics request of one gauge, in OTLP/JSON. */
export const gauge = (name: string, points: object[]) => ({
  resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "t" }, metrics: [{ name, unit: "1", gauge: { dataPoints: points } }] }] }],
});
/** The request as protobuf. */
export const proto = (signal: Signal, request: object): Uint8Array => otlpJsonToProtobuf(signal, Buffer.from(JSON.stringify(request)));

/** Rows of a table. */
export const countOf = async ({ store }: RunningIngest, table: string, where = "1"): Promise<number> =>
  Number((await store.query<{ n: string }>(`SELECT count() AS n FROM ${table} WHERE ${where}`))[0]!.n);
