import { randomBytes } from "node:crypto";
import { Client, type ClientReadableStream, compressionAlgorithms, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { otlpJsonToProtobuf } from "@yunwei/otlp";
import type { Signal } from "@yunwei/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CITY_SECRET, type RunningIngest, runIngest, SECRET } from "../running-ingest.test-data.ts";
import { createGrpcServer } from "./grpc-server.ts";

const PATHS: Readonly<Record<Signal, string>> = {
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};
const HEALTH = "/grpc.health.v1.Health";
const bytes = (value: Buffer): Buffer => value;
const proto = (signal: Signal, request: object): Buffer => Buffer.from(otlpJsonToProtobuf(signal, Buffer.from(JSON.stringify(request))));
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const resource = { attributes: [attribute("host.name", "h1"), attribute("yunwei.site", "nanjing")] };
const now = (offsetMs = 0): string => `${Date.now() + offsetMs}000000`;
const gauge = (name: string, dataPoints: object[]): Buffer =>
  proto("metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name, gauge: { dataPoints } }] }] }] });

let running: RunningIngest;
let client: Client;
const clients: Client[] = [];

function connect(port: number, options = {}): Client {
  const made = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.enable_retries": 0, ...options });
  clients.push(made);
  return made;
}

beforeAll(async () => {
  running = await runIngest();
  client = connect(running.grpcPort);
});
afterAll(async () => {
  for (const one of clients) one.close();
  await running.close();
});

function withToken(secret: string | undefined): Metadata {
  const metadata = new Metadata();
  if (secret !== undefined) metadata.set("authorization", `Bearer ${secret}`);
  return metadata;
}

/** The answer, or the error as the client sees it. */
function call(path: string, request: Buffer, { secret = SECRET, through = client }: { secret?: string; through?: Client } = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    through.makeUnaryRequest(path, bytes, bytes, request, secret === "" ? new Metadata() : withToken(secret), (error, answer) => {
      if (error === null) resolve(answer!);
      else reject(error);
    });
  });
}
const failure = (promise: Promise<Buffer>): Promise<ServiceError> =>
  promise.then(
    () => expect.unreachable("it was taken"),
    (error: ServiceError) => error,
  );
const detailsOf = (error: ServiceError): string =>
  Buffer.concat(error.metadata.get("grpc-status-details-bin").map((part) => Buffer.from(part))).toString("latin1");
const count = async (table: string, where = "1"): Promise<number> =>
  Number((await running.store.query(`SELECT count() AS n FROM ${table} WHERE ${where}`))[0]!["n"]);

describe("OTLP/gRPC, socket to table", () => {
  it.each(["identity", "deflate", "gzip"] as const)("stores all three signals sent with %s", async (name) => {
    const through = connect(running.grpcPort, { "grpc.default_compression_algorithm": compressionAlgorithms[name] });
    const span = { traceId: "a1".repeat(16), spanId: "b2".repeat(8), name, kind: 2, startTimeUnixNano: now(-5), endTimeUnixNano: now() };
    const requests: [Signal, Buffer][] = [
      ["metrics", gauge(`grpc.${name}`, [{ timeUnixNano: now(), asDouble: 1.5 }])],
      ["traces", proto("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] })],
      ["logs", proto("logs", { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ timeUnixNano: now(), body: { stringValue: name } }] }] }] })],
    ];
    for (const [signal, request] of requests) expect((await call(PATHS[signal], request, { secret: CITY_SECRET, through })).length).toBe(0);
    await running.stored();
    const place = { department: "portal", site: "suzhou", tier: "backbone" };
    expect(await running.store.query(`SELECT department, site, tier, value FROM metric_points WHERE metric = 'grpc.${name}'`)).toEqual([
      { ...place, value: 1.5 },
    ]);
    expect(await running.store.query(`SELECT department, site, tier FROM spans WHERE name = '${name}'`)).toEqual([place]);
    expect(await running.store.query(`SELECT department, site, tier FROM logs WHERE body = '${name}'`)).toEqual([place]);
  });

  it("takes a large request that fits into one message when compressed", async () => {
    const points = Array.from({ length: 30_000 }, (_, i) => ({ timeUnixNano: now(-i), asInt: String(i) }));
    await call(PATHS.metrics, gauge("grpc.large", points));
    await running.stored();
    expect(await count("metric_points", "metric = 'grpc.large'")).toBeGreaterThan(0);
  });

  it("answers partial success as OTLP/HTTP does", async () => {
    const answer = await call(
      PATHS.metrics,
      gauge("grpc.partial", [
        { timeUnixNano: "0", asDouble: 1 },
        { timeUnixNano: now(), asDouble: 2 },
      ]),
    );
    expect([answer[0], answer[2], answer[3]]).toEqual([0x0a, 0x08, 1]);
    expect(answer.toString("utf8")).toContain("metric grpc.partial: time_unix_nano is 0");
    await running.stored();
    expect(await count("metric_points", "metric = 'grpc.partial'")).toBe(1);
  });

  it("takes what OpenTelemetry's own exporters send", async () => {
    const load = (name: string): Promise<any> => import(`@opentelemetry/${name}`);
    const options = { url: `http://127.0.0.1:${running.grpcPort}`, metadata: withToken(SECRET), compression: "gzip" };
    const [{ OTLPMetricExporter }, { MeterProvider, PeriodicExportingMetricReader }] = [await load("exporter-metrics-otlp-grpc"), await load("sdk-metrics")];
    const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(options), exportIntervalMillis: 60_000 });
    const meters = new MeterProvider({ readers: [reader] });
    meters.getMeter("t").createCounter("grpc.sdk").add(3, { zone: "a" });
    await meters.shutdown();
    await running.stored();
    expect(await running.store.query("SELECT toString(kind) AS kind, value FROM metric_points WHERE metric = 'grpc.sdk'")).toEqual([{ kind: "sum", value: 3 }]);
    const [{ OTLPTraceExporter }, trace] = [await load("exporter-trace-otlp-grpc"), await load("sdk-trace")];
    const spans = new trace.TracerProvider({ spanProcessors: [new trace.SimpleSpanProcessor({ exporter: new OTLPTraceExporter(options) })] });
    spans.getTracer("t").startSpan("grpc.sdk.span").end();
    await spans.shutdown();
    await running.stored();
    expect(await count("spans", "name = 'grpc.sdk.span'")).toBe(1);
  });
});

describe("grpc.health.v1", () => {
  const named = (service: string): Buffer => Buffer.from([0x0a, service.length, ...Buffer.from(service)]);

  it("says that all services serve, without a token; an unknown one is not found", async () => {
    expect([...(await call(`${HEALTH}/Check`, Buffer.alloc(0), { secret: "" }))]).toEqual([8, 1]);
    expect([...(await call(`${HEALTH}/Check`, named("opentelemetry.proto.collector.logs.v1.LogsService"), { secret: "" }))]).toEqual([8, 1]);
    expect(await failure(call(`${HEALTH}/Check`, named("nobody"), { secret: "" }))).toMatchObject({ code: status.NOT_FOUND });
    expect(await failure(call(`${HEALTH}/Check`, Buffer.from([0xff]), { secret: "" }))).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it("tells those who watch when the door closes", async () => {
    const door = createGrpcServer(running.admissionWithoutBus);
    const through = connect(await door.bind("127.0.0.1", 0));
    const states: number[] = [];
    const watch: ClientReadableStream<Buffer> = through.makeServerStreamRequest(`${HEALTH}/Watch`, bytes, bytes, Buffer.alloc(0));
    const ended = new Promise((resolve) => watch.on("data", (answer: Buffer) => states.push(answer[1]!)).on("end", resolve));
    await expect.poll(() => states).toEqual([1]);
    await door.close();
    await ended;
    expect(states).toEqual([1, 2]);
  });
});

describe("bad input gets a clear status and loses nothing", () => {
  it.each<[string, string, () => Buffer, string | undefined, status, RegExp]>([
    ["no token", PATHS.metrics, () => gauge("grpc.bad", [{ timeUnixNano: now(), asDouble: 1 }]), "", status.UNAUTHENTICATED, /ingest-token/],
    [
      "an unknown token",
      PATHS.metrics,
      () => gauge("grpc.bad", [{ timeUnixNano: now(), asDouble: 1 }]),
      "wrong-wrong-wrong-wrong",
      status.UNAUTHENTICATED,
      /ingest-token/,
    ],
    ["an unknown token with a large body", PATHS.metrics, () => randomBytes(12 << 20), "wrong-wrong-wrong-wrong", status.UNAUTHENTICATED, /ingest-token/],
    ["a malformed message", PATHS.traces, () => Buffer.from([0x0a, 0xff, 1]), undefined, status.INVALID_ARGUMENT, /at byte \d+ of 3/],
    ["a message over the limit", PATHS.logs, () => Buffer.alloc(17 << 20), undefined, status.RESOURCE_EXHAUSTED, /larger than max/],
    [
      "a service that is not here",
      "/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export",
      () => Buffer.alloc(0),
      undefined,
      status.UNIMPLEMENTED,
      /does not implement/,
    ],
    ["a method that is not here", PATHS.logs.replace("Export", "Import"), () => Buffer.alloc(0), undefined, status.UNIMPLEMENTED, /does not implement/],
  ])("%s", async (_case, path, request, secret, code, message) => {
    const error = await failure(call(path, request(), secret === undefined ? {} : { secret }));
    expect([error.code, error.details]).toEqual([code, expect.stringMatching(message)]);
    expect(detailsOf(error)).not.toContain("RetryInfo");
    expect(await count("metric_points", "metric = 'grpc.bad'")).toBe(0);
  });

  it("a small message that holds a large one, and one that does not fit into a bus message", async () => {
    const through = connect(running.grpcPort, { "grpc.default_compression_algorithm": compressionAlgorithms.gzip, "grpc.max_send_message_length": -1 });
    const bomb = await failure(call(PATHS.logs, Buffer.alloc(80 << 20), { through }));
    expect([bomb.code, detailsOf(bomb)]).toEqual([status.RESOURCE_EXHAUSTED, ""]);
    const record = { timeUnixNano: now(), body: { stringValue: randomBytes(2 << 20).toString("base64") } };
    const large = await failure(call(PATHS.logs, proto("logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })));
    expect([large.code, large.details]).toEqual([status.RESOURCE_EXHAUSTED, expect.stringContaining("send smaller batches")]);
    expect(detailsOf(large)).not.toContain("RetryInfo");
  });

  it("a bus that is away: UNAVAILABLE with RetryInfo, so that senders send again", async () => {
    const door = createGrpcServer(running.admissionWithoutBus);
    const through = connect(await door.bind("127.0.0.1", 0));
    const error = await failure(call(PATHS.metrics, gauge("grpc.away", [{ timeUnixNano: now(), asDouble: 1 }]), { through }));
    expect([error.code, error.details]).toEqual([status.UNAVAILABLE, expect.stringContaining("YUNWEI_BUS_UNAVAILABLE")]);
    expect(detailsOf(error)).toContain("type.googleapis.com/google.rpc.RetryInfo");
    await door.close();
  });

  it("too much at once: UNAVAILABLE with RetryInfo too", async () => {
    const door = createGrpcServer(running.admissionWithoutBus);
    const through = connect(await door.bind("127.0.0.1", 0));
    const release = running.admissionWithoutBus.hold(128 << 20);
    const error = await failure(call(PATHS.metrics, gauge("grpc.away", [{ timeUnixNano: now(), asDouble: 1 }]), { through }));
    release();
    expect([error.code, error.details]).toEqual([status.UNAVAILABLE, expect.stringContaining("YUNWEI_TOO_MANY_REQUESTS")]);
    expect(detailsOf(error)).toContain("RetryInfo");
    await door.close();
  });

  it("a sender that opens calls and says nothing does not stop another", async () => {
    const http2 = await import("node:http2");
    const session = http2.connect(`http://127.0.0.1:${running.grpcPort}`);
    const hangs = { ":method": "POST", ":path": PATHS.metrics, "content-type": "application/grpc", te: "trailers", authorization: `Bearer ${SECRET}` };
    for (let i = 0; i < 60; i++) session.request(hangs).on("error", () => undefined);
    await new Promise((resolve) => session.ping(resolve));
    const request = gauge("grpc.other", [{ timeUnixNano: now(), asDouble: 1 }]);
    expect((await call(PATHS.metrics, request, { secret: CITY_SECRET })).length).toBe(0);
    session.destroy();
    await expect.poll(() => call(PATHS.metrics, request).then((answer) => answer.length)).toBe(0);
  });

  it("a port that is taken: an error that says so", async () => {
    await expect(createGrpcServer(running.admissionWithoutBus).bind("127.0.0.1", running.httpPort)).rejects.toMatchObject({ code: "YUNWEI_ENGINE_FAILED" });
  });
});
