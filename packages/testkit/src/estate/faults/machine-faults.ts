import { type Estate, type EstateMachine, instanceKey, machineKey, serviceKey } from "../estate.ts";
import { chooseVictim, databases, importantServices, instancesOf, keysOnVm } from "./choose-victim.ts";
import type { FaultPlanner } from "./fault.ts";

const MIB = 1024 * 1024;
/** Steps in which a leak eats the free memory of its VM: some five minutes of 15 s. */
const LEAK_STEPS = 20;
/** Steps in which a runaway file fills a disk. */
const FILL_STEPS = 10;

const vmsOf = (estate: Estate, services: ReturnType<typeof importantServices>): EstateMachine[] =>
  instancesOf(estate, services).map((instance) => estate.machines[instance.vm]!);

/** A foreign process takes nearly all idle CPU, on a VM or (one time in three) on a physical host with several VMs at work. */
export const planCpu: FaultPlanner = (estate, random, target) => {
  const busyHosts = estate.machines.filter((host) => vmsOf(estate, importantServices(estate)).filter((vm) => vm.hypervisor === host.index).length >= 2);
  const candidates = random.uniform() < 1 / 3 ? busyHosts : vmsOf(estate, importantServices(estate));
  const victim = chooseVictim(random, target, candidates, estate.machines, machineKey);
  const share = random.between(0.94, 0.98);
  return {
    entity: machineKey(victim),
    alternatives: victim.hypervisor === undefined ? [] : keysOnVm(estate, victim.index),
    mode: "cpu_saturation",
    apply: (effects, stepsIn) => {
      effects.cpuHog[victim.index] = share * Math.min(1, 0.6 + 0.4 * stepsIn);
    },
  };
};

/** A process leaks until its VM swaps and the kernel kills it; restarted, it leaks again. */
export const planMemoryLeak: FaultPlanner = (estate, random, target) => {
  const all = instancesOf(estate, estate.services);
  const victim = chooseVictim(random, target, instancesOf(estate, importantServices(estate)), all, (instance) => instanceKey(estate, instance));
  const vm = estate.machines[victim.vm]!;
  const freeBytes = vm.memoryBytes * 0.8 - victim.memoryBytes;
  const perStep = Math.max(32 * MIB, freeBytes / LEAK_STEPS) * random.between(0.95, 1.1);
  return {
    entity: instanceKey(estate, victim),
    alternatives: [serviceKey(estate.services[victim.service]!), machineKey(vm)].filter((key) => key !== instanceKey(estate, victim)),
    mode: "memory_exhaustion",
    apply: (effects) => {
      effects.leakBytes[victim.index] = perStep;
    },
  };
};

/** The data disk of a VM fills up within minutes and stays full. */
export const planDiskFull: FaultPlanner = (estate, random, target) => {
  const victim = chooseVictim(random, target, vmsOf(estate, databases(estate)), estate.machines.slice(estate.hostCount), machineKey);
  return {
    entity: machineKey(victim),
    alternatives: keysOnVm(estate, victim.index),
    mode: "disk_full",
    apply: (effects, stepsIn) => {
      effects.dataFill[victim.index] = Math.min(1, (stepsIn + 1) / FILL_STEPS);
    },
  };
};

/** The volume of a VM answers slowly, as after the loss of a disk in its array. */
export const planDiskSlow: FaultPlanner = (estate, random, target) => {
  const victim = chooseVictim(random, target, vmsOf(estate, databases(estate)), estate.machines.slice(estate.hostCount), machineKey);
  const extraMs = random.between(35, 80);
  return {
    entity: machineKey(victim),
    alternatives: keysOnVm(estate, victim.index),
    mode: "disk_slow",
    apply: (effects, stepsIn) => {
      effects.diskExtraMs[victim.index] = extraMs * Math.min(1, 0.6 + 0.2 * stepsIn);
    },
  };
};
