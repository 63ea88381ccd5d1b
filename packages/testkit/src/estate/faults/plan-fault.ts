import { YunweiError } from "@yunwei/schemas";
import type { FaultKind, FaultPlan, FaultPlanner } from "./fault.ts";
import { planCpu, planDiskFull, planDiskSlow, planMemoryLeak } from "./machine-faults.ts";
import { planLinkDown, planNetworkDelay, planNetworkLoss, planSitePowerLoss } from "./network-faults.ts";
import { planBadDeploy, planCertificateExpiry, planDatabaseLock, planProcessCrash } from "./service-faults.ts";

/** Citizens of one department come in crowds: three to four times the traffic at its front ends, within a minute. */
const planSurge: FaultPlanner = (estate, random, target) => {
  const wanted = target?.replace(/^service:/, "");
  const department = wanted === undefined ? random.pick(estate.departments) : estate.services.find(({ id }) => id === wanted)?.department;
  const entries = estate.services.filter((service) => service.volume > 0 && service.department === department);
  if (entries.length === 0) throw new YunweiError("YUNWEI_NOT_FOUND", `${target} is not a service of a department with entry services`);
  const factor = random.between(3, 4);
  return {
    entity: undefined,
    alternatives: [],
    mode: undefined,
    apply: (effects, stepsIn) => {
      for (const entry of entries) effects.traffic[entry.index] = 1 + (factor - 1) * Math.min(1, (stepsIn + 1) / 4);
    },
  };
};

const planNothing: FaultPlanner = (): FaultPlan => ({ entity: undefined, alternatives: [], mode: undefined, apply: () => {} });

/** How each kind of fault picks its victim and what it does there. */
export const FAULT_PLANNERS: Readonly<Record<FaultKind, FaultPlanner>> = {
  cpu: planCpu,
  "memory-leak": planMemoryLeak,
  "disk-full": planDiskFull,
  "disk-slow": planDiskSlow,
  "process-crash": planProcessCrash,
  "network-delay": planNetworkDelay,
  "network-loss": planNetworkLoss,
  "link-down": planLinkDown,
  "bad-deploy": planBadDeploy,
  "cert-expiry": planCertificateExpiry,
  "db-lock": planDatabaseLock,
  "site-power-loss": planSitePowerLoss,
  surge: planSurge,
  none: planNothing,
};

/** Whether a text names a kind. */
export function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(FAULT_PLANNERS, text);
}
