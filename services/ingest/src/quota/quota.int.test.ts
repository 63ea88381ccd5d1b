import { credentials, type Metadata, Metadata as MetadataClass, makeGenericClientConstructor } from "@grpc/grpc-js";
import { compress } from "snappy";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hashOfSecret } from "../domain/ingest-token.ts";
import { exportDefinition } from "../grpc/export-services.ts";
import { attribute, countOf, gauge, nowNano, post, proto, resource } from "../otlp-request.test-data.ts";
import { encodeV1 } from "../remote-write/prometheus-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";

const SECRET = "a-secret-of-a-sender-with-quotas";
const SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService";
const MANY_SECRET = "a-secret-of-a-sender-of-many-series";
const SCRAPER_SECRET = "a-secret-of-a-prometheus-with-quotas";
let running: RunningIngest;
let aheadMs = 0;
beforeAll(async () => {
  running = await runIngest({
    tokens: [
      { id: "city", sha256: hashOfSecret(SECRET), limits: { maxItemsPerSecond: 0.5, burstSeconds: 8 } },
      { id: "many", sha256: hashOfSecret(MANY_SECRET), limits: { maxNewSeriesPerMinute: 600 } },
      { id: "scraper", sha256: hashOfSecret(SCRAPER_SECRET), limits: { maxBytesPerSecond: 0.1, burstSeconds: 1 } },
    ],
    nowMs: () => Date.now() + aheadMs,
  });
});
afterAll(() => running.close());

/** Status and `grpc-status-details-bin` of an Export call. */
function exportMetrics(body: Uint8Array): Promise<{ code: number; details: Buffer }> {
  const Client = makeGenericClientConstructor(exportDefinition(SERVICE), SERVICE);
  const client = new Client(`127.0.0.1:${running.grpcPort}`, credentials.createInsecure());
  const metadata = new MetadataClass();
  metadata.set("authorization", `Bearer ${SECRET}`);
  return new Promise((resolve) =>
    client["Export"]!(Buffer.from(body), metadata, (error: { code: number; metadata: Metadata } | null) => {
      client.close();
      resolve({ code: error?.code ?? 0, details: Buffer.from((error?.metadata.get("grpc-status-details-bin")[0] as Buffer | undefined) ?? "") });
    }),
  );
}

it("refuses a whole request over a quota at every door, says when to come again, publishes nothing and counts it", async () => {
  const body = proto(
    "metrics",
    gauge(
      "quota.points",
      [0, 1, 2, 3].map((i) => ({ timeUnixNano: nowNano(-i * 1000), asDouble: i })),
    ),
  );
  expect((await post(running, "/v1/metrics", body, { secret: SECRET })).status).toBe(200);
  const over = await post(running, "/v1/metrics", body, { secret: SECRET });
  expect(over.status).toBe(429);
  const retryAfterS = Number(over.headers.get("retry-after"));
  expect(retryAfterS).toBeGreaterThan(1);
  expect(retryAfterS).toBeLessThanOrEqual(8);
  expect(Buffer.from(await over.arrayBuffer()).toString()).toContain("YUNWEI_QUOTA_EXCEEDED: token city is over its quota of items a second");

  const grpc = await exportMetrics(body);
  expect(grpc.code).toBe(8);
  expect(grpc.details.toString("latin1")).toContain("google.rpc.RetryInfo");
  await running.stored();
  expect(await countOf(running, "metric_points", "metric = 'quota.points'")).toBe(4);
  expect(running.ingest.quotas()).toMatchObject([{ source: "city", itemsPerSecond: 0.5, rejected: [{ reason: "items", requests: 2, items: 8 }] }, {}, {}]);
  expect(running.ingest.clockSkew()).toMatchObject([{ source: "city", signal: "metrics", samples: 3, verdict: "unsure" }]);
});

it("answers 429 over remote write, with the time to come again", async () => {
  const send = async () => {
    const labels = { __name__: "quota_scraped" };
    const body = await compress(Buffer.from(encodeV1([{ labels, samples: [{ value: 1, timestamp: Date.now() }] }])));
    return fetch(`http://127.0.0.1:${running.httpPort}/api/v1/write`, {
      method: "POST",
      headers: { authorization: `Bearer ${SCRAPER_SECRET}`, "content-type": "application/x-protobuf", "content-encoding": "snappy" },
      body,
    });
  };
  expect((await send()).status).toBe(204);
  const over = await send();
  expect([over.status, Number(over.headers.get("retry-after")) > 60]).toEqual([429, true]);
});

it("refuses metrics with too many new series, takes them when they are paid for, and lets logs through meanwhile", async () => {
  const series = (from: number) =>
    proto(
      "metrics",
      gauge(
        "quota.series",
        Array.from({ length: 400 }, (_, i) => ({ timeUnixNano: nowNano(), asDouble: 1, attributes: [attribute("id", `${from + i}`)] })),
      ),
    );
  const send = (body: Uint8Array) => post(running, "/v1/metrics", body, { secret: MANY_SECRET });
  aheadMs = 240_000; // the first minutes of a process cost nothing
  expect((await send(series(0))).status).toBe(200);
  const over = await send(series(400));
  expect([over.status, Number(over.headers.get("retry-after"))]).toEqual([429, expect.toSatisfy((seconds: number) => seconds > 1 && seconds <= 20)]);
  expect((await send(series(400))).status).toBe(429);
  expect((await send(series(0))).status).toBe(429);
  const logs = proto("logs", { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: nowNano(), body: { stringValue: "x" } }] }] }] });
  expect((await post(running, "/v1/logs", logs, { secret: MANY_SECRET })).status).toBe(200);
  aheadMs += 21_000;
  expect((await send(series(400))).status).toBe(200);
  expect((await send(series(0))).status).toBe(200);
  await running.stored();
  expect(await countOf(running, "metric_points", "metric = 'quota.series'")).toBe(1_200);
});
