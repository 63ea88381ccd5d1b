import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { SITES } from "@yunwei/schemas";
import { answerErrors, createLogger, guardRoutes } from "@yunwei/service-kit";
import { migrate, openEmbeddedState } from "@yunwei/state";
import { migrateStore, openEmbeddedStore, type Store } from "@yunwei/store";
import { TopologyCache } from "@yunwei/topology";
import { fastify } from "fastify";
import { createConsole } from "./console.ts";
import { ingestOfficeOf, seedAccounts } from "./ingest-office.test-data.ts";
import { incidentsOf, neighbourRoutes } from "./neighbours.test-data.ts";
import { type SeededSeries, seedCalls, seedIncident, seedResources, seedSeries } from "./seed.test-data.ts";

const HERE = import.meta.dirname;

export interface Stand {
  readonly url: string;
  readonly password: string;
  /** Now, of the seeded data. */
  readonly endMs: number;
  close(): Promise<void>;
}

/** Builds the web part into `folder`. */
export async function buildWeb(folder: string): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin", "vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "error", "--outDir", folder, "--emptyOutDir"], {
    cwd: resolve(HERE, ".."),
    env: { ...process.env, NODE_ENV: "production" },
  });
}

/** The console on real engines with a seeded estate, listening on a free port, for a browser. */
export async function openStand(): Promise<Stand> {
  const base = await mkdtemp(join(tmpdir(), "yunwei stand "));
  const logger = createLogger("console", "silent");
  const web = join(base, "web");
  const [state, store] = await Promise.all([
    openEmbeddedState({ folder: join(base, "pg"), logger }),
    openEmbeddedStore({ folder: join(base, "clickhouse"), writers: 1, readers: 2 }),
    buildWeb(web),
  ]);
  await Promise.all([migrate(state, resolve(HERE, "../../../schemas/postgres")), migrateStore(store, resolve(HERE, "../../../schemas/clickhouse"))]);
  const endMs = Math.floor(Date.now() / 1000) * 1000;
  await seedEstate(store, endMs);
  await seedAccounts(store, endMs);
  for (const incident of incidentsOf(endMs)) await seedIncident(state, incident);
  const topology = new TopologyCache({ store, declaredPath: join(base, "none.yaml"), nowMs: Date.now, onTrouble: () => undefined });
  const console_ = await createConsole({
    store,
    state,
    topology,
    logger,
    nowMs: Date.now,
    version: "0.1.0",
    adminPassword: "",
    ingestLag: async () => 12,
    ingest: ingestOfficeOf(Date.now()),
    webFolder: web,
  });
  const app = fastify({ forceCloseConnections: true });
  answerErrors(app);
  guardRoutes(app, console_.authenticate);
  await console_.register(app, [neighbourRoutes(endMs)]);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    password: console_.firstPassword!,
    endMs,
    async close() {
      await app.close();
      await store.close();
      await state.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** Twelve fresh sites, one that is late, one that fell silent, two never seen; the incident's own entities; this machine. */
async function seedEstate(store: Store, endMs: number): Promise<void> {
  const wave =
    (id: number, mean: number, swing: number) =>
    (ago: number): number =>
      mean + swing * Math.sin(ago / 180 + id) + (swing / 4) * Math.sin(ago / 17 + id * 3);
  const series: SeededSeries[] = [];
  for (const [index, site] of SITES.entries()) {
    if (site.id === "core-dr" || site.id === "suqian") continue;
    const silence = site.id === "lianyungang" ? 420 : site.id === "taizhou" ? 120 : 0;
    for (let host = 0; host < 3; host++) {
      const value = wave(index * 3 + host, 0.35, 0.08);
      series.push({
        id: 1000 + index * 10 + host,
        site: site.id,
        entity: `host:${site.id}-${host}`,
        metric: "system.cpu.utilization",
        unit: "1",
        value: (ago) => (ago < silence ? undefined : value(ago)),
      });
    }
  }
  const onset = 12 * 60;
  const broken =
    (before: number, after: number, noise: number, id: number) =>
    (ago: number): number =>
      (ago > onset ? before : after) + wave(id, 0, noise)(ago);
  const at = { site: "suzhou" };
  series.push(
    {
      id: 0x10,
      ...at,
      entity: "database:order-db",
      metric: "db.lock.waiting",
      unit: "{lock}",
      value: (ago) => Math.round(Math.max(0, broken(2, 45, 1.5, 1)(ago))),
    },
    { id: 0x11, ...at, entity: "host:db-7", metric: "system.cpu.utilization", unit: "1", value: broken(0.31, 0.95, 0.03, 2) },
    { id: 0x12, ...at, entity: "host:db-7", metric: "system.disk.io_time", unit: "1", value: wave(3, 0.2, 0.03) },
  );
  series.push(...machineSeries(wave));
  await seedSeries(store, series, endMs);
  await seedResources(store, resources(), endMs);
  await seedCalls(store, "order", "order-db", "suzhou", (ago) => (ago > onset ? 180_000 : 2_300_000), endMs);
  await seedCalls(store, "gov-portal", "order", "nanjing", () => 300_000, endMs, "service");
}

function machineSeries(wave: (id: number, mean: number, swing: number) => (ago: number) => number): SeededSeries[] {
  const here = { site: "local", entity: "host:workbench" };
  const gauge = (id: number, metric: string, unit: string, value: SeededSeries["value"], labels = {}): SeededSeries => ({
    id,
    ...here,
    metric,
    unit,
    labels,
    value,
  });
  const counter = (id: number, metric: string, perSecond: number, labels: Record<string, string>): SeededSeries => ({
    id,
    ...here,
    metric,
    unit: "By",
    kind: "sum",
    monotonic: true,
    labels,
    value: (ago) => 1e9 + (1800 - ago) * perSecond + perSecond * 20 * Math.sin(ago / 60),
  });
  const programs = ["postgres", "node", "chromium", "clickhouse", "systemd", "sshd"];
  return [
    gauge(1, "system.cpu.utilization", "1", wave(1, 0.24, 0.1)),
    gauge(2, "system.memory.utilization", "1", wave(2, 0.58, 0.02)),
    gauge(3, "system.cpu.load_average.1m", "{thread}", wave(3, 1.1, 0.4)),
    gauge(4, "system.filesystem.utilization", "1", () => 0.42, { "system.filesystem.mountpoint": "/" }),
    gauge(5, "system.filesystem.utilization", "1", () => 0.71, { "system.filesystem.mountpoint": "/data" }),
    gauge(6, "system.disk.io_time", "1", wave(6, 0.12, 0.06), { "system.device": "vda" }),
    counter(7, "system.disk.io", 2_400_000, { "system.device": "vda", "disk.io.direction": "write" }),
    counter(8, "system.disk.io", 300_000, { "system.device": "vda", "disk.io.direction": "read" }),
    counter(9, "system.network.io", 840_000, { "network.interface.name": "eth0", "network.io.direction": "receive" }),
    counter(10, "system.network.io", 120_000, { "network.interface.name": "eth0", "network.io.direction": "transmit" }),
    ...programs.flatMap((name, index) => [
      gauge(20 + index, "process.cpu.utilization", "1", wave(index, 0.6 / (index + 1), 0.05), { "process.executable.name": name }),
      gauge(40 + index, "process.memory.usage", "By", () => 9e8 / (index + 1), { "process.executable.name": name }),
    ]),
  ];
}

function resources() {
  const attrs = (host: string, more: Record<string, string> = {}) => ({ "host.name": host, ...more });
  return [
    ...SITES.flatMap((site) =>
      [0, 1, 2].map((host) => ({ site: site.id, entity: `host:${site.id}-${host}`, attrs: attrs(`${site.id}-${host}`, { "yunwei.rack": `${site.id}-r1` }) })),
    ),
    { site: "local", entity: "host:workbench", attrs: attrs("workbench") },
    { site: "suzhou", entity: "host:db-7", attrs: attrs("db-7", { "yunwei.rack": "suzhou-r2" }) },
    { site: "suzhou", entity: "instance:order/o-1", service: "order", attrs: attrs("db-7", { "service.name": "order" }) },
    { site: "suzhou", entity: "database:order-db", service: "order-db", attrs: attrs("db-7", { "service.name": "order-db", "db.system.name": "postgresql" }) },
    { site: "nanjing", entity: "instance:gov-portal/p-1", service: "gov-portal", attrs: attrs("nanjing-0", { "service.name": "gov-portal" }) },
  ];
}
