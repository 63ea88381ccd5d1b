import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { compress } from "snappy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGatewayServer } from "../gateway/gateway-server.ts";
import { CITY_SECRET, type RunningIngest, runIngest, SECRET } from "../running-ingest.test-data.ts";
import { encodeV1, encodeV2, type Labels, type PlainSeries } from "./prometheus-request.test-data.ts";

const V1_TYPE = "application/x-protobuf";
const V2_TYPE = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
const STALE = Uint8Array.from([2, 0, 0, 0, 0, 0, 0xf0, 0x7f]);

let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest();
});
afterAll(() => running.close());

interface Post {
  readonly secret?: string;
  readonly type?: string;
  readonly encoding?: string;
  readonly method?: string;
  readonly port?: number;
}
interface Answer {
  readonly status: number;
  readonly text: string;
  /** Samples, histograms and exemplars, as the answer's headers say. */
  readonly written: readonly (string | null)[];
  readonly headers: Headers;
}

async function post(
  block: Uint8Array,
  { secret = SECRET, type = V1_TYPE, encoding = "snappy", method = "POST", port = running.httpPort }: Post = {},
): Promise<Answer> {
  const headers = { authorization: `Bearer ${secret}`, "content-type": type, "content-encoding": encoding };
  const body = method === "GET" ? {} : { body: Buffer.from(block) };
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/write`, { method, headers, ...body });
  const written = ["samples", "histograms", "exemplars"].map((part) => response.headers.get(`x-prometheus-remote-write-${part}-written`));
  return { status: response.status, text: await response.text(), written, headers: response.headers };
}

const sample = (labels: Labels, value: number, timestamp = Date.now()): PlainSeries => ({ labels, samples: [{ value, timestamp }] });
const native = (count: number, extra: object = {}) => ({
  countInt: count,
  sum: 2.5,
  schema: 2,
  zeroThreshold: 0.001,
  positiveSpans: [{ offset: 4, length: 2 }],
  positiveDeltas: [1, count - 2],
  timestamp: Date.now(),
  ...extra,
});
const query = (sql: string) => running.store.query(sql);
const count = async (metric: string): Promise<number> => Number((await query(`SELECT count() AS n FROM metric_points WHERE metric = '${metric}'`))[0]!["n"]);

describe("Prometheus remote write, socket to table", () => {
  it.each([
    ["1.0", V1_TYPE, encodeV1],
    ["2.0", V2_TYPE, encodeV2],
  ])("stores the samples, exemplars and native histograms of %s", async (version, type, encode) => {
    const metric = version === "1.0" ? "one_total" : "two_total";
    const labels = { __name__: metric, job: "shop/cart", instance: "h1:9100", site: "nanjing", department: "health", zone: "a" };
    const exemplar = { labels: { trace_id: "ab".repeat(16), span_id: "cd".repeat(8), user: "u" }, value: 0.7, timestamp: Date.now() };
    const series = [
      { ...sample(labels, 41), exemplars: [exemplar] },
      sample({ ...labels, __name__: `${metric}_bytes` }, 7),
      { labels: { ...labels, __name__: `${metric}_seconds` }, histograms: [native(5)] },
    ];
    const answer = await post(await compress(Buffer.from(encode(series))), { type });
    expect([answer.status, answer.text, answer.written]).toEqual([204, "", ["2", "1", "1"]]);
    await running.stored();
    const place = { department: "health", site: "nanjing", tier: "backbone" };
    expect(
      await query(`SELECT department, site, tier, toString(kind) AS kind, value FROM metric_points WHERE metric LIKE '${metric}%' ORDER BY value`),
    ).toEqual([
      { ...place, kind: "gauge", value: 7 },
      { ...place, kind: "sum", value: 41 },
    ]);
    expect(await query(`SELECT entity, monotonic, labels FROM metric_series WHERE metric = '${metric}'`)).toEqual([
      { entity: "instance:cart/h1:9100", monotonic: true, labels: { zone: "a" } },
    ]);
    expect(await query(`SELECT value, trace_id, span_id, attrs FROM exemplars WHERE metric = '${metric}'`)).toEqual([
      { value: 0.7, trace_id: "ab".repeat(16), span_id: "cd".repeat(8), attrs: { user: "u" } },
    ]);
    expect(
      await query(`SELECT temporality, toString(count) AS count, sum, scale, positive_offset, positive FROM metric_exphist WHERE metric = '${metric}_seconds'`),
    ).toEqual([{ temporality: 2, count: "5", sum: 2.5, scale: 2, positive_offset: 3, positive: ["1", "4"] }]);
  });

  it("lets the token's place win over labels that claim another", async () => {
    const labels = { __name__: "placed", instance: "h2:9100", site: "nanjing", department: "health" };
    expect((await post(await compress(Buffer.from(encodeV1([sample(labels, 1)]))), { secret: CITY_SECRET })).status).toBe(204);
    await running.stored();
    expect(await query("SELECT department, site, tier FROM metric_points WHERE metric = 'placed'")).toEqual([
      { department: "portal", site: "suzhou", tier: "backbone" },
    ]);
    expect(await query("SELECT entity, labels FROM metric_series WHERE metric = 'placed'")).toEqual([
      { entity: "host:h2", labels: { site: "nanjing", department: "health" } },
    ]);
  });

  it("uses the metadata of both versions", async () => {
    const families = [{ type: 1, metricFamilyName: "told_reads", unit: "bytes", help: "read" }];
    expect((await post(await compress(Buffer.from(encodeV1([], families))))).status).toBe(204);
    await post(await compress(Buffer.from(encodeV1([sample({ __name__: "told_reads" }, 1)]))));
    await post(await compress(Buffer.from(encodeV2([{ ...sample({ __name__: "told_now" }, 1), metadata: { type: 1, unit: "seconds" } }]))), { type: V2_TYPE });
    await running.stored();
    expect(await query("SELECT metric, kind, unit FROM metric_series WHERE metric LIKE 'told%' ORDER BY metric")).toEqual([
      { metric: "told_now", kind: "sum", unit: "s" },
      { metric: "told_reads", kind: "sum", unit: "By" },
    ]);
  });

  it("stores the staleness marker as a point without a value", async () => {
    const body = Buffer.from(encodeV1([sample({ __name__: "gone" }, 1.5)]));
    body.set(STALE, body.indexOf(Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x3f])));
    expect((await post(await compress(body))).status).toBe(204);
    await running.stored();
    expect(await query("SELECT isNaN(value) AS gap, flags FROM metric_points WHERE metric = 'gone'")).toEqual([{ gap: 1, flags: 1 }]);
  });

  it("takes a large request: 20,000 series", async () => {
    const series = Array.from({ length: 20_000 }, (_, i) => sample({ __name__: "large", job: `j${i % 50}`, i: String(i) }, i));
    expect((await post(await compress(Buffer.from(encodeV2(series))), { type: V2_TYPE })).written).toEqual(["20000", "0", "0"]);
    await running.stored();
    expect(await count("large")).toBe(20_000);
  });
});

describe("bad input gets a clear error, never a 5xx, and loses nothing", () => {
  it.each([
    ["1.0", V1_TYPE, encodeV1],
    ["2.0", V2_TYPE, encodeV2],
  ])("invalid samples of %s: 400 with the count and the reason, the rest is stored", async (version, type, encode) => {
    const metric = `mixed${version.slice(0, 1)}`;
    const series = [
      sample({ __name__: metric, i: "1" }, 1, Date.now() + 86_400_000),
      sample({ __name__: metric, i: "2" }, 2, 1),
      sample({ job: "nameless" }, 3),
      sample({ __name__: metric, i: "4" }, 4),
      { labels: { __name__: `${metric}_h` }, histograms: [native(5), native(5, { resetHint: 3 })] },
    ];
    const answer = await post(await compress(Buffer.from(encode(series))), { type });
    expect([answer.status, answer.written]).toEqual([400, ["1", "1", "0"]]);
    expect(answer.text).toBe(
      `3 of 4 samples and 1 of 2 histograms are refused, the rest is stored; the first: metric ${metric}: its timestamp is more than 10 min ahead of the server's clock`,
    );
    await running.stored();
    expect(await query(`SELECT value FROM metric_points WHERE metric = '${metric}'`)).toEqual([{ value: 4 }]);
  });

  const snap = (bytes: Uint8Array): Promise<Buffer> => compress(Buffer.from(bytes));
  const small = (): Promise<Buffer> => snap(encodeV1([sample({ __name__: "never" }, 1)]));
  const cases: [string, () => Promise<Uint8Array>, Post, number, RegExp][] = [
    ["not Snappy", async () => Buffer.from("hello there"), {}, 400, /not a Snappy block/],
    ["damaged Snappy", async () => (await small()).subarray(0, 20), {}, 400, /not a Snappy block/],
    ["an empty body", async () => Buffer.alloc(0), {}, 400, /not a Snappy block/],
    ["a block that says 4 GiB", async () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]), {}, 413, /over 67108864 bytes/],
    ["a block that says 60 MiB and holds nothing", async () => Buffer.from([0x80, 0x80, 0x80, 0x1e, 0]), {}, 400, /more than it can/],
    ["a bomb", () => snap(Buffer.alloc(80 << 20)), {}, 413, /over 67108864 bytes/],
    ["a body over the limit", async () => Buffer.alloc(17 << 20), {}, 413, /over 16777216 bytes/],
    ["malformed protobuf", () => snap(Buffer.from([0x0a, 0xff, 1])), {}, 400, /remote-write message: .* at byte \d+ of 3/],
    ["a symbol that is not there", () => snap(Buffer.from([0x22, 0, 0x2a, 4, 0x0a, 2, 0, 7])), { type: V2_TYPE }, 400, /symbol 7 of 1/],
    ["2.0 under the content type of 1.0", async () => snap(encodeV2([sample({ __name__: "never" }, 1)])), {}, 400, /other version/],
    ["another message", small, { type: "application/x-protobuf;proto=io.prometheus.write.v9.Request" }, 415, /v9/],
    ["another content type", small, { type: "application/json" }, 415, /application\/json/],
    ["another encoding", small, { encoding: "gzip" }, 415, /gzip/],
    ["an unknown token", small, { secret: "wrong-secret-wrong-secret" }, 401, /ingest-token/],
    ["a GET", small, { method: "GET" }, 405, /POST/],
  ];
  it.each(cases)("%s", async (_case, body, options, status, message) => {
    const answer = await post(await body(), options);
    expect([answer.status, answer.text, answer.written]).toEqual([status, expect.stringMatching(message), ["0", "0", "0"]]);
    await running.stored();
    expect(await count("never")).toBe(0);
  });

  it("a bus that is away, and too much at once: 503 with Retry-After, so that Prometheus sends again", async () => {
    const server = createGatewayServer(running.admissionWithoutBus).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const away = await post(await small(), { port });
    const release = running.admissionWithoutBus.hold(128 << 20);
    const busy = await post(await small(), { port });
    release();
    for (const answer of [away, busy]) expect([answer.status, answer.headers.get("retry-after"), answer.written]).toEqual([503, "1", ["0", "0", "0"]]);
    expect([away.text, busy.text]).toEqual([expect.stringContaining("YUNWEI_BUS_UNAVAILABLE"), expect.stringContaining("YUNWEI_TOO_MANY_REQUESTS")]);
    server.closeAllConnections();
    server.close();
  });
});
