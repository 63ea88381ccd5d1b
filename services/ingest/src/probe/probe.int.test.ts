import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { RequestReader } from "@yunwei/otlp";
import { createLogger } from "@yunwei/service-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TokenBook } from "../domain/ingest-token.ts";
import { Admission } from "../gateway/admission.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";
import { LinkProber } from "./link-prober.ts";
import { type Faults, lossyProxy } from "./lossy-proxy.test-data.ts";
import { figuresOf } from "./probe-round.ts";
import { NO_PROBES, parseProbeSettings } from "./probe-settings.ts";
import { tcpRound } from "./tcp-round.ts";
import { testPacket } from "./twamp-packet.ts";
import { openReflector, type Reflector } from "./twamp-reflector.ts";
import { twampRound } from "./twamp-round.ts";

const HOST = "127.0.0.1";
const never = new AbortController().signal;
const clean: Faults = { every: 1, lost: 0, seed: 1, delayMs: 0, doubled: 0 };
const logger = createLogger("ingest", "silent");
const tokens = [{ id: "local", sha256: "" }];
let reflector: Reflector;
let closedPort: number;

beforeAll(async () => {
  reflector = await openReflector(HOST, 0, () => NO_PROBES.reflectFor);
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  closedPort = (server.address() as AddressInfo).port;
  server.close();
});
afterAll(() => reflector.close());

describe("TWAMP light", () => {
  const round = async (faults: Partial<Faults>, count = 50, timeoutMs = 400) => {
    const proxy = await lossyProxy(reflector.port, { ...clean, ...faults });
    const found = await twampRound({ host: HOST, port: proxy.port, count, spacingMs: 4, timeoutMs }, never);
    proxy.close();
    return { ...found, ...figuresOf(found) };
  };

  it.each([1, 2, 3])("measures a loss of a fifth as that (seed %i), doubled answers or not", async (seed) => {
    const { sent, lossRatio, jitterS } = await round({ every: 50, lost: 10, seed, doubled: 3 });
    expect([sent, lossRatio]).toEqual([50, 0.2]);
    expect(jitterS).toBeGreaterThanOrEqual(0);
  });

  it("measures a delay as no less than it is", async () => {
    const { lossRatio, minS } = await round({ delayMs: 60 }, 10);
    expect(lossRatio).toBe(0);
    expect(minS).toBeGreaterThanOrEqual(0.058);
  });

  it("counts as lost what comes too late, and everything where nobody answers", async () => {
    expect((await round({ delayMs: 700 }, 5, 100)).lossRatio).toBe(1);
    const target = { host: HOST, port: closedPort, count: 3, spacingMs: 1, timeoutMs: 50 };
    expect(figuresOf(await twampRound(target, never)).lossRatio).toBe(1);
    expect(figuresOf(await twampRound({ ...target, host: "no-such-host.invalid" }, never))).toMatchObject({ lossRatio: 1 });
  });

  it("believes no answer that is made up", async () => {
    const liar = createSocket("udp4");
    liar.bind(0, HOST);
    await once(liar, "listening");
    liar.on("message", (packet, from) => {
      const answer = Buffer.alloc(41);
      packet.copy(answer, 24, 0, 4); // the right number, another time
      for (const one of [answer, Buffer.alloc(10), packet]) liar.send(one, from.port, from.address);
    });
    const found = await twampRound({ host: HOST, port: liar.address().port, count: 5, spacingMs: 2, timeoutMs: 60 }, never);
    expect(figuresOf(found).lossRatio).toBe(1);
    liar.close();
  });

  it("reflects for those who may ask, and nothing that is no test packet", async () => {
    const strict = await openReflector(HOST, 0, () => parseProbeSettings("reflector: { allow: [10.0.0.0/8] }", tokens).reflectFor);
    const nobody = await openReflector("127.0.0.1", 0, () => ({ check: () => false }) as never);
    const socket = createSocket("udp4");
    let answers = 0;
    socket.on("message", () => answers++);
    const packets = [testPacket(0, Date.now()), Buffer.alloc(40), Buffer.alloc(1_501), Buffer.alloc(0)];
    for (const packet of packets) for (const { port } of [strict, nobody]) socket.send(packet, port, HOST);
    await expect
      .poll(() => [strict.counts, nobody.counts])
      .toEqual([
        { reflected: 1, refused: 3 },
        { reflected: 0, refused: 4 },
      ]);
    await expect.poll(() => answers).toBe(1);
    socket.close();
    await Promise.all([strict.close(), nobody.close()]);
  });
});

describe("TCP", () => {
  it("takes a connection and a refusal for an answer, and silence for loss", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined)).listen(0, HOST);
    await once(server, "listening");
    const target = { host: HOST, port: (server.address() as AddressInfo).port, count: 5, spacingMs: 2, timeoutMs: 500 };
    expect(figuresOf(await tcpRound(target, never)).lossRatio).toBe(0);
    server.close();
    expect(figuresOf(await tcpRound({ ...target, port: closedPort }, never)).lossRatio).toBe(0);
    expect(figuresOf(await tcpRound({ ...target, host: "no-such-host.invalid" }, never)).lossRatio).toBe(1);
  });
});

describe("LinkProber", () => {
  let running: RunningIngest;
  beforeAll(async () => {
    running = await runIngest();
  });
  afterAll(() => running.close());

  it("stores what it measures as series of the link", async () => {
    const admission = new Admission({ reader: new RequestReader(0), bus: running.bus, tokens: new TokenBook([]), logger, nowMs: Date.now });
    const prober = new LinkProber({ admission, logger, nowMs: Date.now });
    const proxy = await lossyProxy(reflector.port, { ...clean, every: 10, lost: 2 });
    const { probes } = parseProbeSettings(
      `probes: [{ link: core--suzhou, from: core, to: suzhou, kind: twamp, host: ${HOST}, port: ${proxy.port}, intervalSeconds: 1, timeoutSeconds: 0.2 }]`,
      tokens,
    );
    prober.use(probes);
    const series = () =>
      running.store.query<Record<string, unknown>>(
        `SELECT metric, any(entity) AS entity, any(site) AS site, any(labels) AS labels, any(unit) AS unit FROM metric_series WHERE metric LIKE 'yunwei.link.%' GROUP BY metric ORDER BY metric`,
      );
    await expect.poll(async () => (await series()).length, { timeout: 30_000, interval: 300 }).toBe(6);
    expect(await series()).toContainEqual(
      expect.objectContaining({
        metric: "yunwei.link.loss",
        entity: "link:core--suzhou",
        site: "core",
        labels: expect.objectContaining({
          "yunwei.link.destination_site": "suzhou",
          "yunwei.link.source_site": "core",
          "yunwei.probe.kind": "twamp",
        }) as unknown,
      }),
    );
    prober.use([]);
    await prober.close();
    proxy.close();
    expect(prober.losses.totals.dropped).toBe(0);
  });
});
