import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute, countOf, gauge, nowNano, post, proto, resource } from "./otlp-request.test-data.ts";
import { CITY_SECRET, type RunningIngest, runIngest } from "./running-ingest.test-data.ts";

let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest();
});
afterAll(() => running.close());

describe("ingest, socket to table", () => {
  it.each([
    ["plain protobuf", (body: Uint8Array) => body, undefined],
    ["gzip", gzipSync, "gzip"],
    ["zstd", zstdCompressSync, "zstd"],
  ])("stores metrics sent as %s", async (name, pack, encoding) => {
    const metric = `test.${name.replace(" ", "_")}`;
    const body = pack(
      proto(
        "metrics",
        gauge(metric, [
          { timeUnixNano: nowNano(), asDouble: 1.5 },
          { timeUnixNano: nowNano(1000), asInt: "7" },
        ]),
      ),
    );
    const response = await post(running, "/v1/metrics", body, encoding === undefined ? {} : { encoding });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    await running.stored();
    const rows = await running.store.query("SELECT department, site, tier, kind, value FROM metric_points WHERE metric = {metric:String} ORDER BY value", {
      metric,
    });
    expect(rows).toEqual([1.5, 7].map((value) => ({ department: "default", site: "nanjing", tier: "backbone", kind: "gauge", value })));
    expect(await running.store.query("SELECT entity, unit, labels FROM metric_series WHERE metric = {metric:String}", { metric })).toEqual([
      { entity: "host:h1", unit: "1", labels: {} },
    ]);
    expect(await countOf(running, "metric_5m", `metric = '${metric}'`)).toBeGreaterThan(0);
  });

  it("stores every kind of metric point, exemplars and flags", async () => {
    const start = nowNano(-60_000);
    const time = nowNano();
    const request = {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              metrics: [
                {
                  name: "k.sum",
                  sum: {
                    aggregationTemporality: 2,
                    isMonotonic: true,
                    dataPoints: [
                      {
                        timeUnixNano: time,
                        asInt: "5",
                        attributes: [attribute("a", "b")],
                        exemplars: [{ timeUnixNano: time, asDouble: 2, traceId: "0123456789abcdef0123456789abcdef", spanId: "0123456789abcdef" }],
                      },
                    ],
                  },
                },
                { name: "k.delta", sum: { aggregationTemporality: 1, dataPoints: [{ timeUnixNano: time, asDouble: 2 }] } },
                { name: "k.stale", gauge: { dataPoints: [{ timeUnixNano: time, flags: 1 }] } },
                {
                  name: "k.hist",
                  histogram: {
                    aggregationTemporality: 2,
                    dataPoints: [{ startTimeUnixNano: start, timeUnixNano: time, count: "3", sum: 6, bucketCounts: ["1", "2"], explicitBounds: [1.5], min: 1 }],
                  },
                },
                {
                  name: "k.exp",
                  exponentialHistogram: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      {
                        timeUnixNano: time,
                        count: "4",
                        sum: 1,
                        scale: -2,
                        zeroCount: "1",
                        positive: { offset: -3, bucketCounts: ["1", "2"] },
                        negative: { offset: 1, bucketCounts: ["5"] },
                      },
                    ],
                  },
                },
                {
                  name: "k.summary",
                  summary: {
                    dataPoints: [
                      {
                        timeUnixNano: time,
                        count: "9",
                        sum: 3,
                        quantileValues: [
                          { quantile: 0.5, value: 1 },
                          { quantile: 0.99, value: 2 },
                        ],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    };
    expect((await post(running, "/v1/metrics", proto("metrics", request))).status).toBe(200);
    await running.stored();
    expect(
      await running.store.query("SELECT metric, toString(kind) AS kind, isNaN(value) AS gap, flags FROM metric_points WHERE metric LIKE 'k.%' ORDER BY metric"),
    ).toEqual([
      { metric: "k.delta", kind: "delta", gap: 0, flags: 0 },
      { metric: "k.stale", kind: "gauge", gap: 1, flags: 1 },
      { metric: "k.sum", kind: "sum", gap: 0, flags: 0 },
    ]);
    expect(await running.store.query("SELECT temporality, count, sum, min, max, buckets FROM metric_hist WHERE metric = 'k.hist'")).toEqual([
      { temporality: 2, count: "3", sum: 6, min: 1, max: null, buckets: ["1", "2"] },
    ]);
    expect(await running.store.query("SELECT bounds FROM metric_series WHERE metric = 'k.hist'")).toEqual([{ bounds: [1.5] }]);
    expect(
      await running.store.query("SELECT scale, zero_count, positive_offset, positive, negative_offset, negative FROM metric_exphist WHERE metric = 'k.exp'"),
    ).toEqual([{ scale: -2, zero_count: "1", positive_offset: -3, positive: ["1", "2"], negative_offset: 1, negative: ["5"] }]);
    expect(await running.store.query("SELECT count, quantiles, values FROM metric_summary WHERE metric = 'k.summary'")).toEqual([
      { count: "9", quantiles: [0.5, 0.99], values: [1, 2] },
    ]);
    expect(await running.store.query("SELECT value, trace_id, span_id FROM exemplars WHERE metric = 'k.sum'")).toEqual([
      { value: 2, trace_id: "0123456789abcdef0123456789abcdef", span_id: "0123456789abcdef" },
    ]);
  });

  it("stores spans and logs, and lets the token's place win over what the payload claims", async () => {
    const traceId = "a1".repeat(16);
    const span = {
      traceId,
      spanId: "b2".repeat(8),
      parentSpanId: "c3".repeat(8),
      name: "GET /x",
      kind: 3,
      startTimeUnixNano: nowNano(-5),
      endTimeUnixNano: nowNano(),
      status: { code: 2 },
      attributes: [attribute("service.peer.name", "db1"), attribute("http.route", "/x\n\n; DROP TABLE spans")],
      events: [{ timeUnixNano: nowNano(), name: "exception", attributes: [attribute("exception.type", "E")] }],
      links: [{ traceId, spanId: "d4".repeat(8) }],
    };
    expect(
      (await post(running, "/v1/traces", proto("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }), { secret: CITY_SECRET })).status,
    ).toBe(200);
    const record = {
      timeUnixNano: nowNano(),
      severityNumber: 17,
      body: { stringValue: "磁盘已满 disk full\n\nDROP TABLE logs" },
      traceId,
      attributes: [attribute("k", "v")],
    };
    const structured = { severityNumber: 9, body: { kvlistValue: { values: [attribute("event", "start")] } } };
    expect(
      (
        await post(running, "/v1/logs", JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record, structured] }] }] }), {
          secret: CITY_SECRET,
          type: "application/json",
        })
      ).status,
    ).toBe(200);
    await running.stored();
    const rows = await running.store.query(
      "SELECT department, site, tier, name, toString(kind) AS kind, toString(status) AS status, peer, hex(trace_id) AS trace, hex(parent_id) AS parent, attrs['http.route'] AS route, events, links, toFloat64(duration_us) AS us FROM spans",
    );
    expect(rows).toMatchObject([
      {
        department: "portal",
        site: "suzhou",
        tier: "backbone",
        name: "GET /x",
        kind: "client",
        status: "error",
        peer: "db1",
        trace: traceId.toUpperCase(),
        parent: "C3".repeat(8),
        route: "/x\n\n; DROP TABLE spans",
        us: 5000,
      },
    ]);
    expect(JSON.parse(rows[0]!["events"] as string)).toMatchObject([{ name: "exception", attributes: { "exception.type": "E" } }]);
    expect(await running.store.query("SELECT severity, body, trace_id, attrs FROM logs ORDER BY severity DESC")).toEqual([
      { severity: 17, body: "磁盘已满 disk full\n\nDROP TABLE logs", trace_id: traceId, attrs: { k: "v" } },
      { severity: 9, body: '{"event":"start"}', trace_id: "", attrs: {} },
    ]);
    expect(await running.store.query("SELECT toString(spans) AS spans, toString(errors) AS errors FROM trace_index")).toEqual([{ spans: "1", errors: "1" }]);
  });

  it("joins the two ends of a call though they come in two batches, callee first", async () => {
    const of = (service: string, site: string, span: object) =>
      proto("traces", {
        resourceSpans: [{ resource: { attributes: [attribute("service.name", service), attribute("yunwei.site", site)] }, scopeSpans: [{ spans: [span] }] }],
      });
    const times = { startTimeUnixNano: nowNano(-20), endTimeUnixNano: nowNano() };
    await post(
      running,
      "/v1/traces",
      of("callee", "core-prod", { traceId: "e5".repeat(16), spanId: "01".repeat(8), parentSpanId: "02".repeat(8), name: "serve", kind: 2, ...times }),
    );
    await running.stored();
    await post(running, "/v1/traces", of("caller", "suzhou", { traceId: "e5".repeat(16), spanId: "02".repeat(8), name: "call", kind: 3, ...times }));
    await running.stored();
    expect(
      await running.store.query(
        "SELECT src, dst, toString(dst_kind) AS kind, site, dst_site AS dstSite, toString(sum(calls)) AS calls FROM service_edges_1m GROUP BY ALL",
      ),
    ).toEqual([{ src: "caller", dst: "callee", kind: "service", site: "suzhou", dstSite: "core-prod", calls: "1" }]);
  });

  it("answers partial success with the count and the reason, in the sender's encoding", async () => {
    const points = [
      { timeUnixNano: "0", asDouble: 1 },
      { timeUnixNano: nowNano(86_400_000), asDouble: 1 },
      { timeUnixNano: "1000", asDouble: 1 },
      { timeUnixNano: nowNano(), asDouble: 42 },
    ];
    const json = await post(running, "/v1/metrics", JSON.stringify(gauge("partial", points)), { type: "application/json" });
    expect([json.status, json.headers.get("content-type"), await json.json()]).toEqual([
      200,
      "application/json",
      { partialSuccess: { rejectedDataPoints: "3", errorMessage: "metric partial: time_unix_nano is 0 (and 2 more)" } },
    ]);
    const binary = await post(running, "/v1/metrics", proto("metrics", gauge("partial", points)));
    expect(binary.headers.get("content-type")).toBe("application/x-protobuf");
    const bytes = Buffer.from(await binary.arrayBuffer());
    expect([bytes[0], bytes[2], bytes[3]]).toEqual([0x0a, 0x08, 3]);
    await running.stored();
    expect(await countOf(running, "metric_points", "metric = 'partial'")).toBe(2);
  });
});
