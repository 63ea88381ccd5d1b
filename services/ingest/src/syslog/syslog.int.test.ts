import { execFile, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { RequestReader } from "@yunwei/otlp";
import { createLogger } from "@yunwei/service-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TokenBook } from "../domain/ingest-token.ts";
import { Admission } from "../gateway/admission.ts";
import { parseSendersFile } from "../log-door/senders-file.ts";
import { type UnsteadyBus, unsteadyBus } from "../log-door/unsteady-bus.test-data.ts";
import { countOf } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";
import { SyslogDoor, type SyslogDoorOptions } from "./syslog-door.ts";

const run = promisify(execFile);
const HOST = "127.0.0.1";
const OPENSSL = "/usr/bin/openssl";
const GTLS = "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so";
const CITY = "127.0.0.2";
const logger = createLogger("ingest", "silent");
const tokens = [
  { id: "local", sha256: "" },
  { id: "suzhou", sha256: "", site: "suzhou", tier: "backbone", department: "portal" },
];
const senders = parseSendersFile(`senders: [{ from: ${CITY}/32, token: suzhou, kind: device }]`, tokens, "Asia/Shanghai");
const strangers = parseSendersFile("", [], "Asia/Shanghai");

let running: RunningIngest;
let unsteady: UnsteadyBus;
let folder: string;
const doors: SyslogDoor[] = [];

function openDoor(options: Partial<SyslogDoorOptions> = {}): SyslogDoor {
  const admission = new Admission({ reader: new RequestReader(0), bus: unsteady.bus, tokens: new TokenBook([]), logger, nowMs: Date.now });
  const door = new SyslogDoor({ admission, senders: () => senders, logger, nowMs: Date.now, ...options });
  doors.push(door);
  return door;
}

beforeAll(async () => {
  running = await runIngest();
  unsteady = unsteadyBus(running.bus);
  folder = await mkdtemp(join(tmpdir(), "yunwei-syslog-"));
});
afterAll(async () => {
  for (const door of doors) await door.close();
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

async function sendUdp(port: number, from: string, datagrams: readonly (string | Buffer)[]): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, HOST, resolve));
  socket.close();
}

/** Writes as fast as the other side reads, and hangs up. */
async function sendTcp(socket: Socket, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) if (!socket.write(piece)) await once(socket, "drain");
  socket.end();
  await once(socket, "close");
}

const stored = (where: string): Promise<number> => countOf(running, "logs", where);
const storedBecomes = (where: string, many: number) => expect.poll(() => stored(where), { timeout: 30_000, interval: 200 }).toBe(many);

describe("over UDP", () => {
  it("stores both forms and both encodings, with place and identity of the sender", async () => {
    const port = await openDoor().listenUdp(HOST, 0);
    const at = new Date().toISOString();
    const gbk = Buffer.concat([Buffer.from("<187>SZ-CORE: "), Buffer.from([0xb6, 0xcb, 0xbf, 0xda]), Buffer.from(" down-gbk")]);
    await sendUdp(port, CITY, [`<165>1 ${at} sw-1 app 42 ID47 [x@1 k="v"] 端口 up-5424\n`, gbk, "\r\n", ""]);
    await sendUdp(port, HOST, ["<11>Jan  1 00:00:00 1999 h1 sshd[7]: old-clock"]);
    await storedBecomes("body LIKE '%5424' OR body LIKE '%-gbk' OR body = 'old-clock'", 3);
    const rows = await running.store.query<Record<string, unknown>>(
      `SELECT l.body AS body, l.site AS site, department, toString(severity) AS severity, l.attrs AS attrs, r.entity AS entity FROM logs AS l
       INNER JOIN resources AS r ON r.resource_id = l.resource_id AND r.department = l.department WHERE body LIKE '%5424' OR body LIKE '%gbk' OR body = 'old-clock' ORDER BY body`,
    );
    expect(rows).toMatchObject([
      { body: "old-clock", severity: "17", entity: "host:h1", attrs: { "yunwei.log.sender_time": "Jan  1 00:00:00 1999" } },
      { body: "端口 down-gbk", site: "suzhou", department: "portal", severity: "17", entity: `device:${CITY}`, attrs: { "syslog.appname": "SZ-CORE" } },
      {
        body: "端口 up-5424",
        site: "suzhou",
        severity: "10",
        entity: "device:sw-1",
        attrs: {
          "syslog.facility.code": "20",
          "syslog.appname": "app",
          "syslog.procid": "42",
          "syslog.msgid": "ID47",
          "syslog.structured_data.x@1.k": "v",
          "network.peer.address": CITY,
        },
      },
    ]);
  });

  it("refuses and counts whom it does not know", async () => {
    const door = openDoor({ senders: () => strangers });
    await sendUdp(await door.listenUdp(HOST, 0), HOST, ["<13>stranger", "<13>stranger"]);
    await expect.poll(() => door.losses.totals).toEqual({ rejected: 2, dropped: 0 });
    const socket = connect(await door.listenTcp(HOST, 0), HOST);
    await once(socket, "close");
    expect(door.losses.totals.rejected).toBe(3);
    expect(await stored("body = 'stranger'")).toBe(0);
  });

  it("drops what finds no room while the bus is away, and counts each", async () => {
    const door = openDoor({ batching: { maxQueuedBytes: 50_000 } });
    const port = await door.listenUdp(HOST, 0);
    unsteady.isAway = true;
    const sent = 400;
    for (let i = 0; i < sent; i += 20)
      await sendUdp(
        port,
        HOST,
        Array.from({ length: 20 }, (_, j) => `<13>h a: flood-${i + j}`),
      );
    await expect.poll(() => door.losses.totals.dropped).toBeGreaterThan(100);
    unsteady.isAway = false;
    await expect.poll(async () => (await stored("body LIKE '%flood-%'")) + door.losses.totals.dropped, { timeout: 30_000 }).toBe(sent);
    expect(door.losses.totals.rejected).toBe(0);
  });
});

describe("over TCP", () => {
  it("tells the framing by connection, whatever the pieces", async () => {
    const port = await openDoor().listenTcp(HOST, 0);
    const lines = Array.from({ length: 500 }, (_, i) => `<13>1 - h a - - - framed-${i}`);
    const counted = lines.map((line) => `${line.length} ${line}`).join("");
    const pieces = (text: string) => text.match(/.{1,777}/gs)!;
    await Promise.all([sendTcp(connect(port, HOST), pieces(counted)), sendTcp(connect({ port, host: HOST, localAddress: CITY }), pieces(lines.join("\n")))]);
    await storedBecomes("body LIKE 'framed-%'", 1000);
    expect(await stored("body LIKE 'framed-%' AND site = 'suzhou'")).toBe(500);
    expect(await stored("body LIKE 'framed-%' AND length(body) > 20")).toBe(0);
  });

  it("makes senders wait while the bus is away, and loses nothing", async () => {
    const door = openDoor({ batching: { maxQueuedBytes: 200_000 } });
    const port = await door.listenTcp(HOST, 0, { idleMs: 300 });
    unsteady.isAway = true;
    const many = 60_000;
    let written = 0;
    const sending = sendTcp(
      connect(port, HOST),
      (function* () {
        for (; written < many; written += 100) yield Array.from({ length: 100 }, (_, j) => `<13>h a: patient-${written + j} ${"x".repeat(200)}\n`).join("");
      })(),
    );
    // Long enough for the idle rule to strike, were waiting taken for silence.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(written).toBeLessThan(many);
    unsteady.isAway = false;
    await sending;
    await storedBecomes("body LIKE '%patient-%'", many);
    expect(door.losses.totals).toEqual({ rejected: 0, dropped: 0 });
  });

  it("closes silent connections and those whose framing is lost, and takes no more than its number", async () => {
    const door = openDoor();
    const port = await door.listenTcp(HOST, 0, { idleMs: 100, maxConnections: 1 });
    const silent = connect(port, HOST);
    await once(silent, "connect");
    await once(connect(port, HOST), "close");
    await once(silent, "close");
    const broken = connect(port, HOST);
    broken.write("5 <13>aXYZ");
    await once(broken, "close");
    await expect.poll(() => door.losses.totals.rejected).toBe(1);
  });

  it("takes any bytes", async () => {
    const port = await openDoor().listenTcp(HOST, 0);
    for (let seed = 1; seed <= 20; seed++) {
      const socket = connect(port, HOST);
      socket.on("error", () => undefined);
      socket.end(Buffer.from(Array.from({ length: 3_000 }, (_, i) => (seed * 7919 + i * i * 31) % 256)));
      await once(socket, "close");
    }
    await sendTcp(connect(port, HOST), ["<13>still-there\n"]);
    await storedBecomes("body = 'still-there'", 1);
  });
});

/** A certificate of 127.0.0.1 that signs itself. */
async function certificate(): Promise<{ key: Buffer; cert: Buffer; certFile: string }> {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  execFileSync(OPENSSL, ["req", "-x509", ...curve, "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  return { key: await readFile(key), cert: await readFile(cert), certFile: cert };
}

describe.skipIf(!existsSync(OPENSSL))("over TLS", () => {
  it("takes from who trusts our certificate, and from nobody without TLS", async () => {
    const { key, cert } = await certificate();
    const port = await openDoor().listenTcp(HOST, 0, { tls: { key, cert } });
    const plain = connect(port, HOST);
    plain.on("error", () => undefined);
    plain.end("<13>in-the-clear\n");
    await once(plain, "close");
    const line = "<13>1 - h a - - - over-tls";
    await sendTcp(connectTls({ port, host: HOST, ca: cert }), [`${line.length} ${line}`]);
    await storedBecomes("body = 'over-tls'", 1);
    expect(await stored("body = 'in-the-clear'")).toBe(0);
  });
});

describe.skipIf(!existsSync("/usr/bin/logger"))("logger of util-linux", () => {
  it.each([
    ["--udp", "--rfc3164"],
    ["--udp", "--rfc5424"],
    ["--tcp", "--rfc5424", "--octet-count"],
    ["--tcp", "--rfc3164"],
  ])("is understood with %s %s %s", async (...options) => {
    const door = openDoor();
    const [udp, tcp] = [await door.listenUdp(HOST, 0), await door.listenTcp(HOST, 0)];
    const body = `from logger ${options.join(" ")} 中文`;
    await run("logger", [...options, "-n", HOST, "-P", String(options[0] === "--udp" ? udp : tcp), "-p", "daemon.err", "-t", "demo", "-i", "--", body]);
    await storedBecomes(
      `body = '${body}' AND severity = 17 AND attrs['syslog.appname'] = 'demo' AND attrs['syslog.procid'] != '' AND attrs['syslog.facility.code'] = '3'`,
      1,
    );
  });
});

describe.skipIf(!existsSync("/usr/sbin/rsyslogd") || !existsSync("/usr/bin/logger"))("rsyslog", () => {
  async function forward(name: string, settings: string, action: string): Promise<void> {
    const socket = join(folder, `${name}.sock`);
    const configuration = join(folder, `${name}.conf`);
    await writeFile(
      configuration,
      `global(workDirectory="${folder}" ${settings})
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${socket}" CreatePath="on" RateLimit.Interval="0")
action(type="omfwd" target="${HOST}" queue.type="LinkedList" action.resumeRetryCount="-1" ${action})
`,
    );
    const daemon = spawn("/usr/sbin/rsyslogd", ["-n", "-f", configuration, "-i", join(folder, `${name}.pid`)], { stdio: "ignore" });
    try {
      await expect.poll(() => existsSync(socket), { timeout: 10_000 }).toBe(true);
      for (let i = 0; i < 20; i++) await run("logger", ["-u", socket, "-t", "demo", "-p", "local0.warning", `rsyslog ${name} ${i} 中文`]);
      await storedBecomes(
        `body LIKE '%rsyslog ${name} % 中文' AND severity = 13 AND attrs['syslog.appname'] = 'demo' AND attrs['syslog.facility.code'] = '16'`,
        20,
      );
    } finally {
      daemon.kill();
      await once(daemon, "exit");
    }
  }

  it.each([
    ["lines", "RSYSLOG_SyslogProtocol23Format", "traditional", "tcp"],
    ["counts", "RSYSLOG_ForwardFormat", "octet-counted", "tcp"],
    ["datagrams", "RSYSLOG_TraditionalForwardFormat", "traditional", "udp"],
  ])("forwards by omfwd as %s of %s", async (name, template, framing, protocol) => {
    const door = openDoor();
    const port = protocol === "udp" ? await door.listenUdp(HOST, 0) : await door.listenTcp(HOST, 0);
    await forward(name, "", `port="${port}" protocol="${protocol}" TCP_Framing="${framing}" template="${template}"`);
  });

  it.skipIf(!existsSync(GTLS) || !existsSync(OPENSSL))("forwards by omfwd over TLS", async () => {
    const { key, cert, certFile } = await certificate();
    const port = await openDoor().listenTcp(HOST, 0, { tls: { key, cert } });
    const driver = `StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"`;
    await forward(
      "tls",
      `DefaultNetstreamDriverCAFile="${certFile}"`,
      `port="${port}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" ${driver}`,
    );
  });
});
