import { credentials, type Metadata, Metadata as MetadataClass, makeGenericClientConstructor } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hashOfSecret } from "../domain/ingest-token.ts";
import { exportDefinition } from "../grpc/export-services.ts";
import { countOf, gauge, nowNano, post, proto } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";

const SECRET = "a-secret-of-a-sender-with-quotas";
const SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService";
let running: RunningIngest;
beforeAll(async () => {
  running = await runIngest({ tokens: [{ id: "city", sha256: hashOfSecret(SECRET), limits: { maxItemsPerSecond: 0.5, burstSeconds: 8 } }] });
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
  expect(running.ingest.quotas()).toMatchObject([{ source: "city", itemsPerSecond: 0.5, rejected: [{ reason: "items", requests: 2, items: 8 }] }]);
  expect(running.ingest.clockSkew()).toMatchObject([{ source: "city", signal: "metrics", samples: 3, verdict: "unsure" }]);
});
