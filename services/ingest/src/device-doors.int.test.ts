import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSession, Version2c } from "net-snmp";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DeviceDoorOptions } from "./device-doors.ts";
import { DEVICE_DOOR_VARIABLES } from "./device-doors-config.ts";
import { countOf } from "./otlp-request.test-data.ts";
import { type RunningIngest, runIngest } from "./running-ingest.test-data.ts";

const HOST = "127.0.0.1";
const config = (set: Partial<DeviceDoorOptions["config"]>): DeviceDoorOptions["config"] => ({ ...Value.Create(Type.Object(DEVICE_DOOR_VARIABLES)), ...set });
let running: RunningIngest;
let folder: string;

beforeAll(async () => {
  running = await runIngest();
  folder = await mkdtemp(join(tmpdir(), "yunwei-doors-"));
});
afterAll(async () => {
  await running.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (set: Partial<DeviceDoorOptions["config"]>) => running.ingest.openDeviceDoors({ config: config(set), host: HOST, folder });
const storedBecomes = (where: string, many: number) => expect.poll(() => countOf(running, "logs", where), { timeout: 30_000, interval: 200 }).toBe(many);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function sendUdp(port: number, from: string, text: string): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  await new Promise((resolve) => socket.send(text, port, HOST, resolve));
  socket.close();
}

it("opens nothing by default", async () => {
  const doors = await open({});
  expect(doors.ports).toEqual({});
  await doors.close();
});

it("opens what is configured, and follows who may send", async () => {
  const [udp, tcp, twamp] = [await freePort(), await freePort(), await freePort()];
  const doors = await open({ YUNWEI_SYSLOG_UDP_PORT: udp, YUNWEI_SYSLOG_TCP_PORT: tcp, YUNWEI_TWAMP_PORT: twamp });
  expect(doors.ports).toEqual({ "syslog/udp": udp, "syslog/tcp": tcp, twamp });
  await sendUdp(udp, HOST, "<13>before-the-file");
  await storedBecomes("body = 'before-the-file' AND site = 'suzhou'", 0);
  await writeFile(join(folder, "syslog-senders.yaml"), "senders: [{ from: 127.0.0.0/8, token: suzhou }]");
  await expect
    .poll(
      async () => {
        await sendUdp(udp, HOST, "<13>after-the-file");
        return (await countOf(running, "logs", "body = 'after-the-file' AND site = 'suzhou'")) > 0;
      },
      { timeout: 20_000, interval: 300 },
    )
    .toBe(true);
  await doors.close();
  await storedBecomes("body = 'before-the-file'", 1);
});

it("keeps secrets that others may read out of force", async () => {
  const path = join(folder, "snmp-traps.yaml");
  await writeFile(path, "communities: [only-this]", { mode: 0o644 });
  const port = await freePort();
  const trap = (): Promise<unknown> => {
    const session = createSession(HOST, "only-this", { version: Version2c, trapPort: port });
    return new Promise((resolve) =>
      session.trap("1.3.6.1.4.1.1.0.77", [], (error: unknown) => {
        session.close();
        resolve(error);
      }),
    );
  };
  let doors = await open({ YUNWEI_SNMP_TRAP_PORT: port });
  await trap();
  await doors.close();
  await storedBecomes("body LIKE '%1.0.77%'", 0);
  await chmod(path, 0o600);
  doors = await open({ YUNWEI_SNMP_TRAP_PORT: port });
  await trap();
  await storedBecomes("body LIKE '%1.0.77%'", 1);
  await doors.close();
});

it("says what is wrong, and leaves no door open then", async () => {
  const taken = createServer().listen(0, HOST);
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const udp = await freePort();
  await expect(open({ YUNWEI_SYSLOG_UDP_PORT: udp, YUNWEI_SYSLOG_TCP_PORT: port })).rejects.toThrow(
    `port ${port} on ${HOST} cannot be had for syslog/tcp: it is taken`,
  );
  await expect(open({ YUNWEI_SYSLOG_TLS_PORT: udp })).rejects.toThrow("YUNWEI_SYSLOG_TLS_CERT: must be set");
  await expect(open({ YUNWEI_SYSLOG_TLS_PORT: udp, YUNWEI_SYSLOG_TLS_CERT: "/nowhere" })).rejects.toThrow("/nowhere");
  await expect(open({ YUNWEI_SYSLOG_TIME_ZONE: "Mars/Base" })).rejects.toThrow("Mars/Base");
  await (await open({ YUNWEI_SYSLOG_UDP_PORT: udp })).close();
  taken.close();
});
