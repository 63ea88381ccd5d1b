import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { cpus, freemem, hostname, loadavg, totalmem } from "node:os";
import type { Meter, ObservableResult } from "@opentelemetry/api";
import {
  busyRatio,
  type CpuTimes,
  type ProcessFacts,
  parseCpuTimes,
  parseDiskstats,
  parseMeminfo,
  parseMounts,
  parseNetDev,
  parseProcessStat,
} from "./proc-parsers.ts";

const TOP_PROCESSES = 10;
const PAGE_BYTES = 4096;
const TICKS_PER_SECOND = 100;

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // not Linux, or gone since: its metrics are left out
  }
}

/** Identifying attributes of this machine, OpenTelemetry names. */
export function hostAttributes(site: string): Record<string, string> {
  const id = read("/etc/machine-id").trim();
  return { "host.name": hostname(), ...(id === "" ? {} : { "host.id": id }), "os.type": process.platform, "yunwei.site": site };
}

/** Registers this machine's metrics on `meter`: processor, memory, disks, file systems, network, load and its busiest processes. */
export function observeHost(meter: Meter): void {
  observeProcessor(meter);
  observeMemory(meter);
  observeDisks(meter);
  observeNetwork(meter);
  observeProcesses(meter);
}

function observeProcessor(meter: Meter): void {
  let before: CpuTimes | undefined = parseCpuTimes(read("/proc/stat"));
  meter
    .createObservableGauge("system.cpu.utilization", { unit: "1", description: "Share of processor time not idle since the last reading." })
    .addCallback((result) => {
      const now = parseCpuTimes(read("/proc/stat"));
      if (before !== undefined && now !== undefined) {
        const ratio = busyRatio(before, now);
        if (Number.isFinite(ratio)) result.observe(ratio);
      }
      before = now;
    });
  meter.createObservableGauge("system.cpu.load_average.1m", { unit: "{thread}" }).addCallback((result) => result.observe(loadavg()[0]!));
  meter.createObservableGauge("system.cpu.logical.count", { unit: "{cpu}" }).addCallback((result) => result.observe(cpus().length));
}

function observeMemory(meter: Meter): void {
  const available = (): number => parseMeminfo(read("/proc/meminfo")).get("MemAvailable") ?? freemem();
  meter
    .createObservableGauge("system.memory.utilization", { unit: "1", description: "Share of memory not available to new work." })
    .addCallback((result) => result.observe(1 - available() / totalmem()));
  meter.createObservableUpDownCounter("system.memory.usage", { unit: "By" }).addCallback((result) => {
    result.observe(totalmem() - available(), { "system.memory.state": "used" });
    result.observe(available(), { "system.memory.state": "available" });
  });
}

function observeDisks(meter: Meter): void {
  const io = meter.createObservableCounter("system.disk.io", { unit: "By" });
  io.addCallback((result) => {
    for (const { device, readBytes, writtenBytes } of parseDiskstats(read("/proc/diskstats"))) {
      result.observe(readBytes, { "system.device": device, "disk.io.direction": "read" });
      result.observe(writtenBytes, { "system.device": device, "disk.io.direction": "write" });
    }
  });
  const busy = meter.createObservableGauge("system.disk.io_time", { unit: "1", description: "Share of time the disk was busy since the last reading." });
  const last = new Map<string, { busyMs: number; atMs: number }>();
  busy.addCallback((result) => {
    const atMs = performance.now();
    for (const { device, busyMs } of parseDiskstats(read("/proc/diskstats"))) {
      const before = last.get(device);
      if (before !== undefined && atMs > before.atMs)
        result.observe(Math.min(1, Math.max(0, (busyMs - before.busyMs) / (atMs - before.atMs))), { "system.device": device });
      last.set(device, { busyMs, atMs });
    }
  });
  meter.createObservableGauge("system.filesystem.utilization", { unit: "1" }).addCallback(observeFileSystems);
}

function observeFileSystems(result: ObservableResult): void {
  for (const { device, mountPoint, type } of parseMounts(read("/proc/mounts"))) {
    try {
      const { blocks, bavail, bfree } = statfsSync(mountPoint);
      const usable = blocks - bfree + bavail;
      if (usable > 0)
        result.observe((blocks - bfree) / usable, { "system.device": device, "system.filesystem.mountpoint": mountPoint, "system.filesystem.type": type });
    } catch {
      // unmounted since, or not ours to look at: left out
    }
  }
}

function observeNetwork(meter: Meter): void {
  meter.createObservableCounter("system.network.io", { unit: "By" }).addCallback((result) => {
    for (const { device, receivedBytes, sentBytes } of parseNetDev(read("/proc/net/dev"))) {
      result.observe(receivedBytes, { "network.interface.name": device, "network.io.direction": "receive" });
      result.observe(sentBytes, { "network.interface.name": device, "network.io.direction": "transmit" });
    }
  });
  meter.createObservableCounter("system.network.errors", { unit: "{error}" }).addCallback((result) => {
    for (const { device, receiveErrors, sendErrors } of parseNetDev(read("/proc/net/dev"))) {
      result.observe(receiveErrors, { "network.interface.name": device, "network.io.direction": "receive" });
      result.observe(sendErrors, { "network.interface.name": device, "network.io.direction": "transmit" });
    }
  });
}

interface BusyProcess extends ProcessFacts {
  /** Processors in use, 1 = one whole processor. */
  readonly cpuRatio: number;
}

/** The busiest processes since the last reading. A process is told by its name, so that pids do not make new series for ever. */
function observeProcesses(meter: Meter): void {
  let before = new Map<number, number>();
  let beforeMs = performance.now();
  let top: BusyProcess[] = [];
  const look = (): void => {
    const nowMs = performance.now();
    const passedTicks = ((nowMs - beforeMs) / 1000) * TICKS_PER_SECOND;
    if (passedTicks < TICKS_PER_SECOND) return; // both gauges share one look
    const facts = listProcesses();
    const busy = facts.map((one) => ({ ...one, cpuRatio: Math.max(0, one.cpuTicks - (before.get(one.pid) ?? one.cpuTicks)) / passedTicks }));
    top = mergeByName(busy)
      .sort((a, b) => b.cpuRatio - a.cpuRatio || b.residentBytes - a.residentBytes)
      .slice(0, TOP_PROCESSES);
    before = new Map(facts.map((one) => [one.pid, one.cpuTicks]));
    beforeMs = nowMs;
  };
  const cpu = meter.createObservableGauge("process.cpu.utilization", {
    unit: "1",
    description: "Processors used by the busiest programs since the last reading.",
  });
  const memory = meter.createObservableGauge("process.memory.usage", { unit: "By" });
  meter.addBatchObservableCallback(
    (result) => {
      look();
      for (const one of top) {
        result.observe(cpu, one.cpuRatio, { "process.executable.name": one.name });
        result.observe(memory, one.residentBytes, { "process.executable.name": one.name });
      }
    },
    [cpu, memory],
  );
}

function listProcesses(): ProcessFacts[] {
  let names: string[];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.map((name) => parseProcessStat(read(`/proc/${name}/stat`), PAGE_BYTES)).filter((facts) => facts !== undefined);
}

function mergeByName(processes: readonly BusyProcess[]): BusyProcess[] {
  const merged = new Map<string, BusyProcess>();
  for (const one of processes) {
    const other = merged.get(one.name);
    merged.set(
      one.name,
      other === undefined ? one : { ...one, cpuRatio: one.cpuRatio + other.cpuRatio, residentBytes: one.residentBytes + other.residentBytes },
    );
  }
  return [...merged.values()];
}
