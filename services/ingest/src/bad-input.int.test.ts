import { gzipSync } from "node:zlib";
import { OTLP_METRICS_TOPIC } from "@yunwei/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute, countOf, gauge, nowNano, type Post, post, proto } from "./otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "./running-ingest.test-data.ts";

let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest();
});
afterAll(() => running.close());

describe("bad input gets a clear error and loses nothing", () => {
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
  const cases: [string, string, Uint8Array | string, Post, number, RegExp][] = [
    ["malformed protobuf", "/v1/metrics", Uint8Array.of(0x0a, 0xff, 0x01), {}, 400, /at byte \d+ of 3/],
    ["malformed JSON", "/v1/logs", "{", { type: "application/json" }, 400, /not JSON/],
    ["JSON of another shape", "/v1/traces", '{"resourceSpans":"x"}', { type: "application/json" }, 400, /OTLP\/JSON/],
    [
      "JSON ids that are not hexadecimal",
      "/v1/traces",
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}',
      { type: "application/json" },
      400,
      /resourceSpans\[0\].scopeSpans\[0\].spans\[0\].traceId/,
    ],
    ["a wrong content type", "/v1/metrics", "x", { type: "text/plain" }, 415, /text\/plain/],
    ["a wrong encoding", "/v1/metrics", "x", { encoding: "br" }, 415, /br/],
    ["damaged gzip", "/v1/metrics", "not gzip", { encoding: "gzip" }, 400, /gzip/],
    ["a bomb", "/v1/metrics", bomb, { encoding: "gzip" }, 413, /over \d+ bytes/],
    ["a body over the limit", "/v1/metrics", new Uint8Array(17 * 1024 * 1024), {}, 413, /over \d+ bytes/],
    ["an unknown token", "/v1/metrics", "", { secret: "wrong-secret-wrong-secret" }, 401, /ingest-token/],
    ["no such path", "/v2/metrics", "", {}, 404, /\/v1\/metrics/],
    ["a GET", "/v1/metrics", "", { method: "GET" }, 405, /POST/],
  ];

  it.each(cases)("%s", async (_name, path, body, options, status, message) => {
    const before = await countOf(running, "metric_points");
    const response = await post(running, path, body, options);
    const text = Buffer.from(await response.arrayBuffer()).toString("utf8");
    expect([response.status, text]).toEqual([status, expect.stringMatching(message)]);
    await running.stored();
    expect(await countOf(running, "metric_points")).toBe(before);
  });

  it("takes an empty request and NaN, infinities and text that is not UTF-8", async () => {
    expect((await post(running, "/v1/metrics", new Uint8Array(0))).status).toBe(200);
    expect((await post(running, "/v1/metrics", "{}", { type: "application/json" })).status).toBe(200);
    const encoded = Buffer.from(
      proto(
        "metrics",
        gauge("odd", [
          { timeUnixNano: nowNano(), asDouble: "NaN" },
          { timeUnixNano: nowNano(), asDouble: "Infinity", attributes: [attribute("k", "XYZ")] },
        ]),
      ),
    );
    encoded[encoded.indexOf("XYZ")] = 0xff;
    expect((await post(running, "/v1/metrics", encoded)).status).toBe(200);
    await running.stored();
    expect(await running.store.query("SELECT toString(value) AS value FROM metric_points WHERE metric = 'odd' ORDER BY value")).toEqual([
      { value: "inf" },
      { value: "nan" },
    ]);
    expect(await running.store.query("SELECT labels FROM metric_series WHERE metric = 'odd' AND notEmpty(labels)")).toEqual([{ labels: { k: "�YZ" } }]);
  });

  it("buries a message that a trusted sender wrote wrongly, and stores its neighbours", async () => {
    const good = proto("metrics", gauge("neighbour", [{ timeUnixNano: nowNano(), asDouble: 1 }]));
    await running.bus.publish(OTLP_METRICS_TOPIC, [
      { key: "a", value: good },
      { key: "a", value: Uint8Array.of(0x0a, 0x05, 1) },
      { key: "a", value: good, headers: { "content-encoding": "gzip" } },
      { key: "a", value: good },
    ]);
    await running.stored();
    expect(await countOf(running, "metric_points", "metric = 'neighbour'")).toBe(2);
    expect(await running.store.query("SELECT stage, source FROM ingest_dlq")).toEqual([
      { stage: "decode", source: "collector" },
      { stage: "decode", source: "collector" },
    ]);
  });
});
