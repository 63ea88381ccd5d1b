import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { followFile, type Logger, YunweiError } from "@yunwei/service-kit";
import type { Static, TObject } from "typebox";
import type { DEVICE_DOOR_VARIABLES } from "./device-doors-config.ts";
import type { IngestToken } from "./domain/ingest-token.ts";
import type { Admission } from "./gateway/admission.ts";
import { parseSendersFile } from "./log-door/senders-file.ts";
import { isTimeZone } from "./log-door/zone-clock.ts";
import { LinkProber } from "./probe/link-prober.ts";
import { NO_PROBES, parseProbeSettings } from "./probe/probe-settings.ts";
import { openReflector } from "./probe/twamp-reflector.ts";
import { SnmpDoor } from "./snmp/snmp-door.ts";
import { demandPrivate, noTrapSettings, parseTrapSettings } from "./snmp/trap-settings.ts";
import { SyslogDoor } from "./syslog/syslog-door.ts";

export interface DeviceDoorOptions {
  readonly config: Static<TObject<typeof DEVICE_DOOR_VARIABLES>>;
  /** Address to listen on. */
  readonly host: string;
  /** Folder of syslog-senders.yaml, snmp-traps.yaml and link-probes.yaml, which are followed. */
  readonly folder: string;
}

interface DeviceDoorParts extends DeviceDoorOptions {
  readonly admission: Admission;
  readonly tokens: readonly IngestToken[];
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** The doors that are open. */
export interface DeviceDoors {
  /** Port in use by door: `syslog/udp`, `syslog/tcp`, `syslog/tls`, `snmp`, `twamp`. */
  readonly ports: Readonly<Record<string, number>>;
  /** Takes nothing more, and hands on what was taken: before the bus is closed. */
  close(): Promise<void>;
}

type Open = (door: string, port: number, bind: (host: string, port: number) => Promise<number>) => Promise<void>;
type Closers = (() => Promise<unknown>)[];

/**
 * Opens the doors for what speaks no OTLP: syslog, SNMP traps, the reflector of link probes; and runs the probes that are
 * configured. A door whose port is 0 stays shut.
 * @throws YunweiError YUNWEI_CONFIG_INVALID, YUNWEI_ENGINE_FAILED for a port that cannot be had; then nothing is left open
 */
export async function openDeviceDoors(parts: DeviceDoorParts): Promise<DeviceDoors> {
  const { config, host } = parts;
  if (!isTimeZone(config.YUNWEI_SYSLOG_TIME_ZONE))
    throw new YunweiError("YUNWEI_CONFIG_INVALID", `YUNWEI_SYSLOG_TIME_ZONE: ${config.YUNWEI_SYSLOG_TIME_ZONE} is no time zone like Asia/Shanghai`);
  const ports: Record<string, number> = {};
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  const open: Open = async (door, port, bind) => {
    if (port !== 0) ports[door] = await bind(host, port).catch((error: unknown) => Promise.reject(notOpened(door, host, port, error)));
  };
  try {
    await openSyslog(parts, open, closers);
    await openSnmp(parts, open, closers);
    await openProbes(parts, open, closers);
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, close };
}

async function openSyslog({ config, folder, admission, tokens, logger, nowMs }: DeviceDoorParts, open: Open, closers: Closers): Promise<void> {
  const zone = config.YUNWEI_SYSLOG_TIME_ZONE;
  const { YUNWEI_SYSLOG_UDP_PORT: udp, YUNWEI_SYSLOG_TCP_PORT: tcp, YUNWEI_SYSLOG_TLS_PORT: tlsPort } = config;
  if (udp + tcp + tlsPort === 0) return;
  const parse = (text: string) => parseSendersFile(text, tokens, zone);
  const file = await followFile({ path: join(folder, "syslog-senders.yaml"), parse, fallback: parse(""), logger });
  closers.push(async () => file.close());
  const door = new SyslogDoor({ admission, senders: file.current, logger, nowMs });
  closers.push(() => door.close());
  await open("syslog/udp", udp, (host, port) => door.listenUdp(host, port));
  await open("syslog/tcp", tcp, (host, port) => door.listenTcp(host, port));
  if (tlsPort === 0) return;
  const tls = await readTls(config);
  await open("syslog/tls", tlsPort, (host, port) => door.listenTcp(host, port, { tls }));
}

async function readTls(config: DeviceDoorOptions["config"]): Promise<{ cert: Buffer; key: Buffer; ca?: Buffer }> {
  const read = (name: "YUNWEI_SYSLOG_TLS_CERT" | "YUNWEI_SYSLOG_TLS_KEY" | "YUNWEI_SYSLOG_TLS_CA"): Promise<Buffer> =>
    readFile(config[name]).catch((error: Error) => {
      throw new YunweiError("YUNWEI_CONFIG_INVALID", `${name}: ${config[name] === "" ? "must be set for syslog over TLS" : error.message}`, { cause: error });
    });
  const [cert, key] = [await read("YUNWEI_SYSLOG_TLS_CERT"), await read("YUNWEI_SYSLOG_TLS_KEY")];
  return config.YUNWEI_SYSLOG_TLS_CA === "" ? { cert, key } : { cert, key, ca: await read("YUNWEI_SYSLOG_TLS_CA") };
}

async function openSnmp({ config, folder, admission, tokens, logger, nowMs }: DeviceDoorParts, open: Open, closers: Closers): Promise<void> {
  if (config.YUNWEI_SNMP_TRAP_PORT === 0) return;
  const path = join(folder, "snmp-traps.yaml");
  const zone = config.YUNWEI_SYSLOG_TIME_ZONE;
  const fallback = noTrapSettings(tokens, zone);
  const door = new SnmpDoor({ admission, settings: fallback, logger, nowMs });
  const parse = (text: string) => {
    demandPrivate(path);
    return parseTrapSettings(text, tokens, zone);
  };
  const file = await followFile({ path, parse, fallback, logger, onChange: (settings) => door.use(settings) });
  closers.push(async () => file.close());
  closers.push(() => door.close());
  await open("snmp", config.YUNWEI_SNMP_TRAP_PORT, (host, port) => door.listen(host, port));
}

async function openProbes({ config, folder, admission, tokens, logger, nowMs }: DeviceDoorParts, open: Open, closers: Closers): Promise<void> {
  const prober = new LinkProber({ admission, logger, nowMs });
  const parse = (text: string) => parseProbeSettings(text, tokens);
  const path = join(folder, "link-probes.yaml");
  const file = await followFile({ path, parse, fallback: NO_PROBES, logger, onChange: ({ probes }) => prober.use(probes) });
  closers.push(async () => file.close());
  closers.push(() => prober.close());
  await open("twamp", config.YUNWEI_TWAMP_PORT, async (host, port) => {
    const reflector = await openReflector(host, port, () => file.current().reflectFor);
    closers.push(() => reflector.close());
    return reflector.port;
  });
}

function notOpened(door: string, host: string, port: number, cause: unknown): YunweiError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = { EADDRINUSE: "it is taken", EACCES: "ports below 1024 need a privilege" };
  return new YunweiError("YUNWEI_ENGINE_FAILED", `port ${port} on ${host} cannot be had for ${door}: ${reasons[code] ?? message}`, { cause });
}
