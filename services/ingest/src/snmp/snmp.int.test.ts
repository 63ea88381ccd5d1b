import { execFile } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { RequestReader } from "@yunwei/otlp";
import { createLogger } from "@yunwei/service-kit";
import fc from "fast-check";
import { createSession, createV3Session, SecurityLevel, Version1, Version2c } from "net-snmp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TokenBook } from "../domain/ingest-token.ts";
import { Admission } from "../gateway/admission.ts";
import { type UnsteadyBus, unsteadyBus } from "../log-door/unsteady-bus.test-data.ts";
import { countOf } from "../otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "../running-ingest.test-data.ts";
import { SnmpDoor } from "./snmp-door.ts";
import { parseTrapSettings } from "./trap-settings.ts";

const run = promisify(execFile);
const HOST = "127.0.0.1";
const logger = createLogger("ingest", "silent");
const tokens = [{ id: "local", sha256: "" }];
const settings = parseTrapSettings(
  `senders: [{ from: ${HOST}, token: local, kind: device }]
communities: [only-this]
users:
  - { name: crypt, auth: sha256, authPassword: auth-password, priv: aes, privPassword: priv-password }
  - { name: plain, auth: sha, authPassword: auth-password }`,
  tokens,
  "Asia/Shanghai",
);

let running: RunningIngest;
let unsteady: UnsteadyBus;
const doors: SnmpDoor[] = [];

async function openDoor(): Promise<{ door: SnmpDoor; port: number }> {
  const admission = new Admission({ reader: new RequestReader(0), bus: unsteady.bus, tokens: new TokenBook([]), logger, nowMs: Date.now });
  const door = new SnmpDoor({ admission, settings, logger, nowMs: Date.now });
  doors.push(door);
  return { door, port: await door.listen(HOST, 0) };
}

beforeAll(async () => {
  running = await runIngest();
  unsteady = unsteadyBus(running.bus);
});
afterAll(async () => {
  for (const door of doors) await door.close();
  await running.close();
});

const storedBecomes = (where: string, many: number) => expect.poll(() => countOf(running, "logs", where), { timeout: 30_000, interval: 200 }).toBe(many);

async function udp(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, HOST);
  await once(socket, "listening");
  return socket;
}

/** The datagram that net-snmp would send. */
async function captured(community: string, version: typeof Version1 | typeof Version2c): Promise<Buffer> {
  const socket = await udp();
  const session = createSession(HOST, community, { version, trapPort: socket.address().port });
  session.trap("1.3.6.1.4.1.2011.5.0.9", [{ oid: "1.3.6.1.4.1.2011.5.1.0", type: 4, value: "captured" }], () => session.close());
  const [datagram] = (await once(socket, "message")) as [Buffer];
  socket.close();
  return datagram;
}

async function send(port: number, datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = await udp();
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, HOST, resolve));
  socket.close();
}

describe.skipIf(!existsSync("/usr/bin/snmptrap"))("snmptrap of net-snmp", () => {
  const LINK_DOWN = ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i"];
  const crypt = [
    "-v3",
    "-e",
    "0x8000000001020304",
    "-u",
    "crypt",
    "-l",
    "authPriv",
    "-a",
    "SHA-256",
    "-A",
    "auth-password",
    "-x",
    "AES",
    "-X",
    "priv-password",
  ];
  // An inform is for the engine that takes it: snmptrap asks for its id first.
  const informed = ["-Ci", "-t", "5", ...crypt.filter((word) => word !== "-e" && !word.startsWith("0x"))];

  it.each([
    ["1", 1, ["-v1", "-c", "only-this"], ["1.3.6.1.4.1.9", "10.9.8.7", "2", "0", "55", ...LINK_DOWN.slice(1)]],
    ["2c", 2, ["-v2c", "-c", "only-this"], ["55", ...LINK_DOWN]],
    ["2c", 3, ["-v2c", "-c", "only-this", "-Ci"], ["55", ...LINK_DOWN]],
    ["3", 4, crypt, ["55", ...LINK_DOWN]],
    ["3", 5, informed, ["55", ...LINK_DOWN]],
    ["3", 6, ["-v3", "-e", "0x8000000001020304", "-u", "plain", "-l", "authNoPriv", "-a", "SHA", "-A", "auth-password"], ["55", ...LINK_DOWN]],
  ])("of version %s is stored (%i)", async (version, index, options, trap) => {
    const { port } = await openDoor();
    await run("snmptrap", [...options, `${HOST}:${port}`, ...trap, String(index)]);
    const isIt = `body = 'linkDown: ifIndex.7=${index}' AND severity = 17 AND attrs['snmp.version'] = '${version}'`;
    await storedBecomes(isIt, 1);
    const [row] = await running.store.query<{ entity: string }>(
      `SELECT entity FROM resources WHERE resource_id IN (SELECT resource_id FROM logs WHERE ${isIt}) AND entity LIKE 'device:%'`,
    );
    expect(row?.entity).toBe(index === 1 ? "device:10.9.8.7" : `device:${HOST}`);
  });

  it.each([
    ["another community", ["-v2c", "-c", "public"]],
    ["another user", crypt.map((word) => (word === "crypt" ? "other" : word))],
    ["another password", crypt.map((word) => (word === "auth-password" ? "wrong-password" : word))],
    [
      "a user that does not encrypt though it must",
      ["-v3", "-e", "0x8000000001020304", "-u", "crypt", "-l", "authNoPriv", "-a", "SHA-256", "-A", "auth-password"],
    ],
  ])("is refused with %s", async (_name, options) => {
    const { door, port } = await openDoor();
    await run("snmptrap", [...options, `${HOST}:${port}`, "55", ...LINK_DOWN, "666"]).catch(() => undefined);
    await expect.poll(() => door.losses.totals.rejected).toBeGreaterThan(0);
    await door.close();
    await storedBecomes("body LIKE '%666%'", 0);
  });
});

it("refuses a message of version 3 whose user has no name, which net-snmp itself lets pass", async () => {
  const { door, port } = await openDoor();
  const session = createV3Session(HOST, { name: "", level: SecurityLevel.noAuthNoPriv }, { trapPort: port, engineID: "8000000001020304" } as object);
  session.trap("1.3.6.1.4.1.1.0.13", [], () => session.close());
  await expect.poll(() => door.losses.totals.rejected).toBe(1);
});

it("acknowledges an inform when it is durable, and not before", async () => {
  const { port } = await openDoor();
  const inform = async (timeout: number): Promise<string> => {
    const session = createSession(HOST, "only-this", { version: Version2c, trapPort: port, retries: 0, timeout });
    const outcome = await new Promise<string>((resolve) =>
      session.inform("1.3.6.1.4.1.1.0.1", [], (error: Error | null) => resolve(error?.name ?? "acknowledged")),
    );
    session.close();
    return outcome;
  };
  unsteady.isAway = true;
  expect(await inform(600)).toBe("RequestTimedOutError");
  unsteady.isAway = false;
  expect(await inform(20_000)).toBe("acknowledged"); // however busy the machine is
  await storedBecomes("attrs['snmp.trap.oid'] = '1.3.6.1.4.1.1.0.1'", 2);
});

it("leaves one unread for a while that sends much that fails", async () => {
  const { door, port } = await openDoor();
  await send(
    port,
    Array.from({ length: 30 }, () => Buffer.from("no trap")),
  );
  await send(port, [await captured("only-this", Version2c)]);
  await expect.poll(() => door.losses.totals.rejected).toBe(31);
});

it("outlives arbitrary and damaged datagrams, and counts each", async () => {
  const { TrapSocket } = await import("./trap-socket.ts");
  const { createReceiver } = await import("net-snmp");
  const socket = await TrapSocket.bound(HOST, 0);
  let calls = 0;
  const receiver = createReceiver({ port: 1, dgramModule: { createSocket: () => socket } }, () => calls++);
  receiver.getAuthorizer().addCommunity("only-this");
  receiver.getAuthorizer().addUser({ name: "crypt", level: 3, authProtocol: 5, authKey: "auth-password", privProtocol: 4, privKey: "priv-password" });
  const from = { address: HOST, family: "IPv4", port: 9, size: 1 } as const;
  const sound = [await captured("only-this", Version1), await captured("only-this", Version2c)];
  const damaged = fc
    .tuple(fc.constantFrom(...sound), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }), fc.nat(200))
    .map(([base, changes, length]) => {
      const copy = Buffer.from(base);
      for (const [at, byte] of changes) copy[at % copy.length] = byte;
      return copy.subarray(0, Math.max(1, length));
    });
  let thrown = 0;
  let runs = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        damaged,
      ),
      (datagram) => {
        runs++;
        try {
          socket.handle(datagram, from);
        } catch {
          thrown++;
        }
      },
    ),
    { numRuns: 20_000 },
  );
  expect(calls + thrown).toBeLessThanOrEqual(2 * runs);
  expect(calls).toBeGreaterThan(1_000);
  await socket.close();

  // And whole, from the socket to the table.
  const { port } = await openDoor();
  await send(port, [
    Buffer.alloc(0),
    Buffer.from([0x30]),
    Buffer.alloc(1_400, 0x30),
    Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
    sound[1]!.subarray(0, 40),
    sound[1]!,
  ]);
  await storedBecomes("body LIKE '%captured%'", 1);
});
