import type { Effects } from "./effects.ts";
import type { Estate, EstateInstance } from "./estate.ts";
import type { LogBook } from "./log-book.ts";
import type { MachineState } from "./machine-state.ts";
import type { ProcessState } from "./process-state.ts";
import type { Random } from "./random.ts";

/** Chance per step that a healthy process says something. */
const CHATTER_CHANCE = 0.15;
const MIB = 1024 * 1024;

/** What log lines outside of requests are made from. */
export interface LogSurroundings {
  readonly estate: Estate;
  readonly effects: Effects;
  readonly machines: MachineState;
  readonly processes: ProcessState;
  readonly logs: LogBook;
  readonly random: Random;
}

/**
 * Lines that processes, databases and kernels write by themselves. Draws the same random numbers whatever happens.
 * Sources of the log book: instance indexes, then machines from `estate.instances.length` on.
 */
export function writeSystemLogs(around: LogSurroundings, nowMs: number, stepMs: number): void {
  for (const instance of around.estate.instances) {
    const timeMs = nowMs - around.random.between(0, stepMs) + siteSkewMs(around.estate, instance);
    const chats = around.random.uniform() < CHATTER_CHANCE;
    const figure = around.random.index(9000) + 1000;
    writeKernelLog(around, instance, timeMs, figure);
    if (!around.processes.alive[instance.index]) continue;
    if (around.processes.restarted[instance.index]) around.logs.write(instance.index, "info", timeMs, `started in ${(figure / 1000).toFixed(1)} s`);
    if (around.estate.services[instance.service]!.dbSystem !== undefined) writeDatabaseLog(around, instance, timeMs, figure);
    else if (chats) around.logs.write(instance.index, "info", timeMs, `connection pool: active=${figure % 5} idle=${8 - (figure % 5)} pending=0`);
  }
}

function writeKernelLog({ estate, processes, logs }: LogSurroundings, instance: EstateInstance, timeMs: number, figure: number): void {
  if (!processes.killed[instance.index]) return;
  const resident = Math.round(processes.residentBytes[instance.index]! / MIB);
  logs.write(estate.instances.length + instance.vm, "error", timeMs, `kernel: Out of memory: Killed process ${figure} (java) anon-rss:${resident}MB`);
}

function writeDatabaseLog({ effects, machines, logs }: LogSurroundings, instance: EstateInstance, timeMs: number, figure: number): void {
  const { index, service, vm } = instance;
  const waiting = Math.round(6 * effects.lock[service]!);
  for (let i = 0; i < waiting; i++) {
    logs.write(index, "warn", timeMs + i, `process ${figure + i} still waiting for ShareLock on transaction ${figure * 17} after 1000.${figure % 1000} ms`);
  }
  if (machines.dataUsed[vm]! >= 0.995) {
    for (let i = 0; i < 5; i++) logs.write(index, "error", timeMs + i, `could not extend file "base/16401/${figure + i}": No space left on device`);
  }
  if (machines.diskMs[vm]! > 20)
    logs.write(index, "warn", timeMs, `checkpoint took ${(machines.diskMs[vm]! * 1.3).toFixed(1)} s to sync ${figure % 900} files`);
  else if (figure % 12 === 0) logs.write(index, "info", timeMs, `checkpoint complete: wrote ${figure} buffers`);
}

function siteSkewMs(estate: Estate, instance: EstateInstance): number {
  return estate.sites[estate.machines[instance.vm]!.site]!.clockSkewMs;
}
