/** Parsers of Linux's /proc (man 5 proc). Pure; a line that is not understood is left out. */

/** Jiffies since boot of all processors together. */
export interface CpuTimes {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly steal: number;
}

/** First line of /proc/stat; undefined when it is not there. */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const line = text.split("\n").find((candidate) => candidate.startsWith("cpu "));
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return { user: user + nice, system: system + irq + softirq, idle, iowait, steal };
}

/** Share of time not idle between two readings, 0..1; NaN when no time has passed. */
export function busyRatio(before: CpuTimes, now: CpuTimes): number {
  const total = (times: CpuTimes): number => times.user + times.system + times.idle + times.iowait + times.steal;
  const passed = total(now) - total(before);
  return passed <= 0 ? Number.NaN : 1 - (now.idle + now.iowait - before.idle - before.iowait) / passed;
}

/** Bytes by name of /proc/meminfo, e.g. MemTotal, MemAvailable. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^(\w+):\s+(\d+) kB/.exec(line);
    if (match !== null) out.set(match[1]!, Number(match[2]) * 1024);
  }
  return out;
}

export interface InterfaceCounters {
  readonly device: string;
  readonly receivedBytes: number;
  readonly receiveErrors: number;
  readonly sentBytes: number;
  readonly sendErrors: number;
}

/** Interfaces of /proc/net/dev but the loopback. */
export function parseNetDev(text: string): InterfaceCounters[] {
  const out: InterfaceCounters[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*([^:\s]+):\s*(.+)$/.exec(line);
    if (match === null || match[1] === "lo") continue;
    const fields = match[2]!.trim().split(/\s+/).map(Number);
    if (fields.length >= 11)
      out.push({ device: match[1]!, receivedBytes: fields[0]!, receiveErrors: fields[2]!, sentBytes: fields[8]!, sendErrors: fields[10]! });
  }
  return out;
}

export interface DiskCounters {
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Milliseconds during which at least one request was in flight. */
  readonly busyMs: number;
}

const SECTOR_BYTES = 512;

/** Whole disks of /proc/diskstats: no partitions, loop or ram devices. */
export function parseDiskstats(text: string): DiskCounters[] {
  const out: DiskCounters[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const device = fields[2] ?? "";
    if (fields.length < 13 || !/^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+|dm-\d+)$/.test(device)) continue;
    out.push({ device, readBytes: Number(fields[5]) * SECTOR_BYTES, writtenBytes: Number(fields[9]) * SECTOR_BYTES, busyMs: Number(fields[12]) });
  }
  return out;
}

const REAL_FILE_SYSTEMS = new Set(["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay", "apfs", "nfs", "nfs4"]);
/** Octal escapes of /proc/mounts, e.g. \040 for a space. */
const unescapeMount = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Mount points of real file systems, the first of each device. */
export function parseMounts(text: string): { device: string; mountPoint: string; type: string }[] {
  const seen = new Set<string>();
  const out: { device: string; mountPoint: string; type: string }[] = [];
  for (const line of text.split("\n")) {
    const [device = "", mountPoint = "", type = ""] = line.split(" ");
    if (!REAL_FILE_SYSTEMS.has(type) || seen.has(device)) continue;
    seen.add(device);
    out.push({ device, mountPoint: unescapeMount(mountPoint), type });
  }
  return out;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly name: string;
  /** Jiffies of processor time since its start. */
  readonly cpuTicks: number;
  readonly residentBytes: number;
}

/** /proc/<pid>/stat; the name may hold spaces and brackets. Undefined when it is not understood. */
export function parseProcessStat(text: string, pageBytes: number): ProcessFacts | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const rest = text.slice(close + 2).split(" ");
  if (rest.length < 22) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    cpuTicks: Number(rest[11]) + Number(rest[12]),
    residentBytes: Number(rest[21]) * pageBytes,
  };
}
