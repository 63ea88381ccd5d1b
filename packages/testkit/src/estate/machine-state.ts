import type { Effects } from "./effects.ts";
import type { Estate } from "./estate.ts";
import type { NoiseBank } from "./noise-bank.ts";
import type { Random } from "./random.ts";

/** Noise series per machine. */
export const MACHINE_NOISES = 7;
const [CPU, LOAD, MEMORY, BUSY, DISK, RECEIVED, SENT] = [0, 1, 2, 3, 4, 5, 6] as const;

/** Memory use from which a machine swaps, and the width to full thrashing. */
const SWAP_FROM = 0.82;
const SWAP_WIDTH = 0.16;
/** CPU use of a physical host from which its VMs lose time to each other. */
const STEAL_FROM = 0.85;

/** What hosts and VMs measure. Utilizations 0..1, by machine index. */
export class MachineState {
  readonly cpu: Float64Array;
  readonly loadAverage: Float64Array;
  readonly memory: Float64Array;
  readonly rootUsed: Float64Array;
  readonly dataUsed: Float64Array;
  readonly diskBusy: Float64Array;
  readonly diskMs: Float64Array;
  /** Bytes per second. */
  readonly received: Float64Array;
  readonly sent: Float64Array;
  /** By machine: factor on everything that runs there, >= 1. */
  readonly slow: Float64Array;

  private readonly estate: Estate;
  private readonly noise: NoiseBank;
  private readonly noiseFrom: number;
  private readonly baseCpu: Float64Array;
  private readonly baseRoot: Float64Array;
  private readonly baseData: Float64Array;
  private readonly baseDiskMs: Float64Array;

  constructor(estate: Estate, noise: NoiseBank, noiseFrom: number, random: Random) {
    const count = estate.machines.length;
    const column = (fill: () => number) => new Float64Array(count).map(fill);
    const zero = () => 0;
    this.estate = estate;
    this.noise = noise;
    this.noiseFrom = noiseFrom;
    this.baseCpu = column(() => random.between(0.1, 0.18));
    this.baseRoot = column(() => random.between(0.3, 0.6));
    this.baseData = column(() => random.between(0.35, 0.68));
    this.baseDiskMs = column(() => random.between(0.8, 2));
    this.cpu = column(zero);
    this.loadAverage = column(zero);
    this.memory = column(zero);
    this.rootUsed = column(zero);
    this.dataUsed = column(zero);
    this.diskBusy = column(zero);
    this.diskMs = column(zero);
    this.received = column(zero);
    this.sent = column(zero);
    this.slow = column(() => 1);
  }

  /**
   * @param relativeLoad - by machine: work of its instances relative to nominal, 1 = load 1
   * @param processBytes - by machine: memory of its instances
   */
  step(effects: Effects, relativeLoad: Float64Array, processBytes: Float64Array): void {
    for (const vm of this.estate.machines.slice(this.estate.hostCount)) this.stepVm(vm.index, effects, relativeLoad[vm.index]!, processBytes[vm.index]!);
    for (const host of this.estate.machines.slice(0, this.estate.hostCount)) this.stepHost(host.index, effects);
    for (const vm of this.estate.machines.slice(this.estate.hostCount)) this.steal(vm.index, vm.hypervisor!);
  }

  private stepVm(vm: number, effects: Effects, load: number, processBytes: number): void {
    const own = this.baseCpu[vm]! + 0.08 * load;
    this.setCpu(vm, own, effects.cpuHog[vm]!);
    const memoryBytes = this.estate.machines[vm]!.memoryBytes;
    this.memory[vm] = ratio(0.2 + processBytes / memoryBytes + 0.004 * this.noiseOf(vm, MEMORY));
    this.setDisk(vm, effects, load);
    this.received[vm] = (120_000 + 160_000 * load) * (1 + 0.05 * this.noiseOf(vm, RECEIVED));
    this.sent[vm] = (90_000 + 220_000 * load) * (1 + 0.05 * this.noiseOf(vm, SENT));
  }

  private stepHost(host: number, effects: Effects): void {
    const machine = this.estate.machines[host]!;
    let cores = 0;
    let memoryBytes = 0.06 * machine.memoryBytes;
    let received = 80_000;
    let sent = 80_000;
    let load = 0;
    for (const vm of this.estate.machines) {
      if (vm.hypervisor !== host) continue;
      cores += this.cpu[vm.index]! * vm.cores;
      memoryBytes += this.memory[vm.index]! * vm.memoryBytes;
      received += this.received[vm.index]!;
      sent += this.sent[vm.index]!;
      load += 0.3;
    }
    this.setCpu(host, 0.4 * this.baseCpu[host]! + cores / machine.cores, effects.cpuHog[host]!);
    this.memory[host] = ratio(memoryBytes / machine.memoryBytes + 0.003 * this.noiseOf(host, MEMORY));
    this.setDisk(host, effects, load);
    this.received[host] = received;
    this.sent[host] = sent;
  }

  private setCpu(machine: number, own: number, hog: number): void {
    const busy = Math.min(1, own) + hog * Math.max(0, 1 - own) + 0.007 * this.noiseOf(machine, CPU);
    this.cpu[machine] = Math.min(0.985, ratio(busy));
    this.slow[machine] = queueFactor(this.cpu[machine]!);
    // Runnable processes: the busy cores, and a queue once they run short.
    const { cores } = this.estate.machines[machine]!;
    const target = cores * this.cpu[machine]! * (1 + (hog > 0 ? 0.9 * hog : 0)) + 0.15 * this.noiseOf(machine, LOAD);
    // The kernel's one-minute average forgets with a time constant of four steps.
    const before = this.loadAverage[machine]!;
    this.loadAverage[machine] = Math.max(0, before === 0 ? target : before + 0.22 * (target - before));
  }

  private setDisk(machine: number, effects: Effects, load: number): void {
    const swap = Math.min(1, Math.max(0, (this.memory[machine]! - SWAP_FROM) / SWAP_WIDTH));
    const extraMs = effects.diskExtraMs[machine]! + 12 * swap;
    this.diskMs[machine] = this.baseDiskMs[machine]! * (1 + 0.12 * this.noiseOf(machine, DISK)) + extraMs;
    const busy = 0.06 + 0.04 * load + 0.012 * this.noiseOf(machine, BUSY) + 0.9 * (extraMs / (extraMs + 8));
    this.diskBusy[machine] = Math.min(0.995, ratio(busy));
    this.slow[machine] = this.slow[machine]! * (1 + 8 * swap);
    this.rootUsed[machine] = this.baseRoot[machine]!;
    const base = this.baseData[machine]!;
    this.dataUsed[machine] = base + effects.dataFill[machine]! * (1 - base);
  }

  /** A saturated host takes time from its VMs: they see steal, and what runs on them waits as on the host itself. */
  private steal(vm: number, host: number): void {
    const pressure = Math.max(0, (this.cpu[host]! - STEAL_FROM) / (1 - STEAL_FROM));
    if (pressure === 0) return;
    this.cpu[vm] = this.cpu[vm]! + 0.25 * pressure * (1 - this.cpu[vm]!);
    this.slow[vm] = Math.max(this.slow[vm]!, queueFactor(this.cpu[host]! - 0.03));
  }

  private noiseOf(machine: number, which: number): number {
    return this.noise.values[this.noiseFrom + machine * MACHINE_NOISES + which]!;
  }
}

/** How much longer work takes at utilization `rho`: like M/M/c, flat while there is room and steep at the end. */
function queueFactor(rho: number): number {
  return 1 + (0.5 * rho ** 3) / (1 - Math.min(0.985, rho));
}

function ratio(value: number): number {
  return Math.max(0.001, Math.min(1, value));
}
