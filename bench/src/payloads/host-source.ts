import { drawFrom, drawHex, drawInt } from "./draw.ts";
import { constant, counter, gauge, MetricSource } from "./metric-source.ts";

const SCRAPER = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver/internal/scraper";
const VERSION = "0.139.0";
const CPUS = 8;
const CPU_STATES = ["user", "system", "idle", "interrupt", "nice", "softirq", "steal", "wait"];
const MEMORY_STATES = ["used", "free", "buffered", "cached", "slab_reclaimable", "slab_unreclaimable"];
const DISKS = ["nvme0n1", "nvme1n1"];
const MOUNTS = [
  { device: "/dev/nvme0n1p1", mode: "rw", mountpoint: "/", type: "ext4" },
  { device: "/dev/nvme0n1p2", mode: "rw", mountpoint: "/boot", type: "ext4" },
  { device: "/dev/nvme1n1", mode: "rw", mountpoint: "/var/lib", type: "xfs" },
];
const NETWORK_DEVICES = ["eth0", "eth1", "lo"];
const PROCESS_STATES = ["blocked", "daemon", "detached", "idle", "locked", "orphan", "paused", "running", "sleeping", "stopped", "system", "zombies"];
const TCP_STATES = ["CLOSE_WAIT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "LISTEN", "SYN_SENT", "TIME_WAIT"];
const DAY_MS = 86_400_000;

/** One machine as the Collector's hostmetrics receiver reports it: about 190 points, a scope a scraper. */
export function hostSource(name: string, zone: string, random: () => number, nowMs: number): MetricSource {
  const host = new MetricSource(
    {
      "host.name": name,
      "host.id": drawHex(random, 32),
      "host.arch": "amd64",
      "host.type": drawFrom(random, ["c7.2xlarge", "m7.2xlarge", "r7.2xlarge"]),
      "os.type": "linux",
      "os.description": "Ubuntu 24.04.1 LTS (Noble Numbat) (Linux 6.8.0-45-generic #45-Ubuntu SMP x86_64)",
      "cloud.availability_zone": zone,
      "deployment.environment.name": "production",
    },
    nowMs - Math.floor(30 * random() * DAY_MS),
  );
  processors(host, random);
  storage(host, random);
  network(host, random);
  return host;
}

function processors(host: MetricSource, random: () => number): void {
  const busy = 0.1 + 0.5 * random();
  const share: Readonly<Record<string, number>> = { user: busy, system: busy / 4, idle: 1 - 1.4 * busy, wait: busy / 50, softirq: busy / 40 };
  host.scope(`${SCRAPER}/cpuscraper`, VERSION).sum(
    "system.cpu.time",
    "s",
    Array.from({ length: CPUS }, (_, cpu) => CPU_STATES.map((state) => ({ cpu: `cpu${cpu}`, state })))
      .flat()
      .map((labels) => [labels, share[labels.state] === undefined ? constant(0) : counter("asDouble", 1e6 * random(), 15 * share[labels.state]!, 0.05)]),
  );
  const load = CPUS * busy;
  host
    .scope(`${SCRAPER}/loadscraper`, VERSION)
    .gauge("system.cpu.load_average.1m", "{thread}", [[{}, gauge("asDouble", load, load / 8, 0.01, 0)]])
    .gauge("system.cpu.load_average.5m", "{thread}", [[{}, gauge("asDouble", load, load / 30, 0.01, 0.1)]])
    .gauge("system.cpu.load_average.15m", "{thread}", [[{}, gauge("asDouble", load, load / 90, 0.01, 0.3)]]);
  host.scope(`${SCRAPER}/memoryscraper`, VERSION).sum(
    "system.memory.usage",
    "By",
    MEMORY_STATES.map((state) => [{ state }, gauge("asInt", 1e10 * random(), state === "used" || state === "free" ? 2e7 : 1e6, 4096)]),
    false,
  );
  host
    .scope(`${SCRAPER}/processesscraper`, VERSION)
    .sum(
      "system.processes.count",
      "{processes}",
      PROCESS_STATES.map((status) => [
        { status },
        status === "sleeping" ? gauge("asInt", 280, 3, 1) : status === "running" ? gauge("asInt", 3, 2, 1) : constant(0),
      ]),
      false,
    )
    .sum("system.processes.created", "{processes}", [[{}, counter("asInt", 1e6 * random(), 12, 0.05)]]);
}

function storage(host: MetricSource, random: () => number): void {
  const byDirection = (perStep: number, type: "asInt" | "asDouble") =>
    DISKS.flatMap((device) =>
      ["read", "write"].map((direction) => [{ device, direction }, counter(type, 1e9 * random(), direction === "read" ? perStep / 5 : perStep, 0.3)] as const),
    );
  const byDevice = (perStep: number) => DISKS.map((device) => [{ device }, counter("asDouble", 1e6 * random(), perStep, 0.2)] as const);
  host
    .scope(`${SCRAPER}/diskscraper`, VERSION)
    .sum("system.disk.io", "By", byDirection(4e6, "asInt"))
    .sum("system.disk.operations", "{operations}", byDirection(300, "asInt"))
    .sum("system.disk.merged", "{operations}", byDirection(60, "asInt"))
    .sum("system.disk.operation_time", "s", byDirection(0.6, "asDouble"))
    .sum("system.disk.io_time", "s", byDevice(0.4))
    .sum("system.disk.weighted_io_time", "s", byDevice(0.8))
    .sum(
      "system.disk.pending_operations",
      "{operations}",
      DISKS.map((device) => [{ device }, constant(0)]),
      false,
    );
  const mounted = (states: readonly string[], size: number, step: number, grain: number) =>
    MOUNTS.flatMap((mount) =>
      states.map(
        (state) =>
          [{ ...mount, state }, mount.mountpoint === "/boot" ? constant(Math.floor(size / 100)) : gauge("asInt", size * random(), step, grain, 0.4)] as const,
      ),
    );
  host
    .scope(`${SCRAPER}/filesystemscraper`, VERSION)
    .sum("system.filesystem.usage", "By", mounted(["used", "free", "reserved"], 2e11, 4e5, 4096), false)
    .sum("system.filesystem.inodes.usage", "{inodes}", mounted(["used", "free"], 1e7, 6, 1), false);
}

function network(host: MetricSource, random: () => number): void {
  const byDirection = (perStep: number, idle: number) =>
    NETWORK_DEVICES.flatMap((device) =>
      ["receive", "transmit"].map((direction) => [{ device, direction }, counter("asInt", 1e9 * random(), perStep, idle)] as const),
    );
  host
    .scope(`${SCRAPER}/networkscraper`, VERSION)
    .sum("system.network.io", "By", byDirection(1.5e7, 0.05))
    .sum("system.network.packets", "{packets}", byDirection(12_000, 0.05))
    .sum("system.network.errors", "{errors}", byDirection(1, 0.999))
    .sum("system.network.dropped", "{packets}", byDirection(1, 0.99))
    .sum(
      "system.network.connections",
      "{connections}",
      TCP_STATES.map((state) => [{ protocol: "tcp", state }, gauge("asInt", drawInt(random, 60), 3, 1)]),
      false,
    );
}
