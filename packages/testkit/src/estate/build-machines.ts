import type { EstateMachine, EstateRack, EstateSite } from "./estate.ts";
import type { Random } from "./random.ts";

const GIB = 1024 ** 3;
/** Physical hosts and racks of a centre; a city has two hosts in one rack. */
const CORE_SIZE: Readonly<Record<string, readonly [hosts: number, racks: number]>> = { "core-prod": [8, 2], "core-active": [5, 2], "core-dr": [2, 1] };
const CITY_SIZE = [2, 1] as const;

/** Share of (machine, metric) pairs that an agent does not report. */
const MISSING_SHARE = 0.02;
const MAY_BE_MISSING = [
  "system.cpu.load_average.1m",
  "system.memory.utilization",
  "system.disk.io_time",
  "system.disk.latency",
  "system.network.io",
  "system.network.errors",
];

/** An instance that needs a VM. */
export interface Placement {
  readonly service: number;
  readonly site: number;
  readonly department: string;
}

export interface Machines {
  readonly racks: EstateRack[];
  readonly machines: EstateMachine[];
  readonly hostCount: number;
  /** Machine index of the VM of each placement. */
  readonly vmOf: number[];
}

/**
 * Racks, physical hosts and VMs of every site. Each placement gets a VM of its own, spread over the hosts of its site so
 * that neighbours (instances of one service) do not share one; every site has one more VM for operations tools.
 */
export function buildMachines(sites: readonly EstateSite[], placements: readonly Placement[], random: Random): Machines {
  const racks: EstateRack[] = [];
  const hosts: EstateMachine[] = [];
  for (const site of sites) addHosts(site, racks, hosts, random);
  const machines = [...hosts];
  const vmOf = placements.map(() => -1);
  for (const site of sites) {
    const local = hosts.filter((host) => host.site === site.index);
    const first = random.index(local.length);
    const wanted = placements.flatMap((placement, index) => (placement.site === site.index ? [index] : []));
    [...wanted, -1].forEach((placement, ordinal) => {
      const host = local[(first + ordinal) % local.length]!;
      if (placement >= 0) vmOf[placement] = machines.length;
      machines.push({
        index: machines.length,
        name: `${site.id}-vm${ordinal + 1}`,
        site: site.index,
        rack: host.rack,
        cores: 8,
        memoryBytes: 8 * GIB,
        hypervisor: host.index,
        missing: missingMetrics(random),
      });
    });
  }
  return { racks, machines, hostCount: hosts.length, vmOf };
}

function addHosts(site: EstateSite, racks: EstateRack[], hosts: EstateMachine[], random: Random): void {
  const [hostCount, rackCount] = CORE_SIZE[site.id] ?? CITY_SIZE;
  const firstRack = racks.length;
  for (let i = 0; i < rackCount; i++) racks.push({ index: racks.length, id: `${site.id}-r${i + 1}`, site: site.index });
  for (let i = 0; i < hostCount; i++) {
    hosts.push({
      index: hosts.length,
      name: `${site.id}-h${i + 1}`,
      site: site.index,
      rack: firstRack + (i % rackCount),
      cores: 48,
      memoryBytes: 256 * GIB,
      hypervisor: undefined,
      missing: missingMetrics(random),
    });
  }
}

function missingMetrics(random: Random): ReadonlySet<string> {
  return new Set(MAY_BE_MISSING.filter(() => random.uniform() < MISSING_SHARE));
}
