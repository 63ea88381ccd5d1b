import type { Effects } from "./effects.ts";
import type { Estate } from "./estate.ts";
import type { NoiseBank } from "./noise-bank.ts";

/** Noise series per instance. */
export const PROCESS_NOISES = 2;
/** Share of a machine's memory from which the kernel kills the largest process. */
const OUT_OF_MEMORY = 0.985;
/** Share of memory that the operating system of a VM takes, as in machine-state.ts. */
const SYSTEM_SHARE = 0.2;
/** Steps until the supervisor has restarted a killed process. */
const RESTART_STEPS = 2;
/** Weight of the newest step in the smoothed work of an instance. */
const SMOOTHING = 0.35;

/** What runs: which instances live, since when, with how much memory and work. By instance index. */
export class ProcessState {
  readonly alive: Uint8Array;
  /** 1 in the step in which a process (re)started. */
  readonly restarted: Uint8Array;
  /** 1 in the step in which the kernel killed it for memory. */
  readonly killed: Uint8Array;
  readonly bornMs: Float64Array;
  readonly residentBytes: Float64Array;
  /** Work relative to nominal, smoothed. */
  readonly relativeLoad: Float64Array;
  /** The same two summed by machine. */
  readonly machineLoad: Float64Array;
  readonly machineBytes: Float64Array;

  private readonly estate: Estate;
  private readonly noise: NoiseBank;
  private readonly noiseFrom: number;
  private readonly nominal: Float64Array;
  private readonly leaked: Float64Array;
  private readonly downSteps: Uint8Array;
  private readonly release: Uint8Array;

  constructor(estate: Estate, noise: NoiseBank, noiseFrom: number, nominal: Float64Array, startMs: number, initialLoad: number) {
    const count = estate.instances.length;
    this.estate = estate;
    this.noise = noise;
    this.noiseFrom = noiseFrom;
    this.nominal = nominal;
    this.alive = new Uint8Array(count).fill(1);
    this.restarted = new Uint8Array(count);
    this.killed = new Uint8Array(count);
    this.bornMs = Float64Array.from(estate.instances, (instance) => startMs - instance.upSinceMs);
    this.residentBytes = Float64Array.from(estate.instances, (instance) => instance.memoryBytes);
    this.relativeLoad = new Float64Array(count).fill(initialLoad);
    this.machineLoad = new Float64Array(estate.machines.length);
    this.machineBytes = new Float64Array(estate.machines.length);
    this.leaked = new Float64Array(count);
    this.downSteps = new Uint8Array(count);
    this.release = new Uint8Array(count);
  }

  /** @param nowMs - end of the step, simulated Unix milliseconds */
  step(effects: Effects, nowMs: number, stepMs: number): void {
    this.machineLoad.fill(0);
    this.machineBytes.fill(0);
    for (const { index, vm } of this.estate.instances) {
      this.live(index, effects, nowMs, stepMs);
      if (!this.alive[index]) continue;
      this.machineLoad[vm] = this.machineLoad[vm]! + this.relativeLoad[index]!;
      this.machineBytes[vm] = this.machineBytes[vm]! + this.residentBytes[index]!;
    }
  }

  /** @param served - requests that each instance served in the step */
  learn(served: Float64Array): void {
    for (let i = 0; i < served.length; i++) {
      const relative = served[i]! / Math.max(1, this.nominal[i]!);
      this.relativeLoad[i] = this.relativeLoad[i]! + SMOOTHING * (relative - this.relativeLoad[i]!);
    }
  }

  private live(index: number, effects: Effects, nowMs: number, stepMs: number): void {
    const instance = this.estate.instances[index]!;
    const site = this.estate.machines[instance.vm]!.site;
    this.killed[index] = 0;
    if (this.downSteps[index]! > 0) this.downSteps[index]!--;
    const was = this.alive[index]!;
    const runs = !effects.down[index] && !effects.powerOff[site] && this.downSteps[index] === 0;
    this.alive[index] = runs ? 1 : 0;
    const newRelease = this.release[index] !== effects.newRelease[index];
    this.restarted[index] = runs && (!was || newRelease) ? 1 : 0;
    this.release[index] = effects.newRelease[index]!;
    if (this.restarted[index]) {
      this.bornMs[index] = nowMs - 0.6 * stepMs;
      this.leaked[index] = 0;
    }
    if (runs) this.useMemory(index, effects.leakBytes[index]!, nowMs, stepMs);
  }

  private useMemory(index: number, leakBytes: number, nowMs: number, stepMs: number): void {
    const instance = this.estate.instances[index]!;
    this.leaked[index] = leakBytes === 0 ? 0 : this.leaked[index]! + leakBytes;
    // Garbage collection makes a shallow saw of some ten minutes, out of phase among instances.
    const saw = ((nowMs / stepMs + index * 7) % 40) / 40;
    const noise = this.noise.values[this.noiseFrom + index * PROCESS_NOISES]!;
    const resident = instance.memoryBytes * (1 + 0.02 * saw + 0.004 * noise) + this.leaked[index]!;
    const room = this.estate.machines[instance.vm]!.memoryBytes * (OUT_OF_MEMORY - SYSTEM_SHARE);
    this.residentBytes[index] = Math.min(resident, room);
    if (resident < room) return;
    this.killed[index] = 1;
    this.downSteps[index] = RESTART_STEPS + 1;
  }
}
