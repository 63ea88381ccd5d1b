import type { EntityKey } from "@yunwei/schemas";
import { instanceKey, serviceKey } from "../estate.ts";
import { calledServices, chooseVictim, databases, importantServices, instanceKeys, instancesOf } from "./choose-victim.ts";
import type { FaultPlanner } from "./fault.ts";

/** Steps of one round of a restart loop: it runs in the last of them. */
const LOOP_STEPS = 4;

/** An instance dies: it stays dead or, half of the time, comes up for moments and dies again. */
export const planProcessCrash: FaultPlanner = (estate, random, target) => {
  const all = instancesOf(estate, estate.services);
  const victim = chooseVictim(random, target, instancesOf(estate, calledServices(estate)), all, (instance) => instanceKey(estate, instance));
  const loops = random.uniform() < 0.5;
  const service = serviceKey(estate.services[victim.service]!);
  return {
    entity: instanceKey(estate, victim),
    alternatives: service === instanceKey(estate, victim) ? [] : [service],
    mode: "process_crash",
    apply: (effects, stepsIn) => {
      effects.down[victim.index] = loops && stepsIn % LOOP_STEPS === LOOP_STEPS - 1 ? 0 : 1;
    },
  };
};

/** A new release goes out, one instance a step: slower, and part of its requests fail. */
export const planBadDeploy: FaultPlanner = (estate, random, target) => {
  const all = estate.services.filter((service) => service.dbSystem === undefined);
  const victim = chooseVictim(random, target, importantServices(estate), all, serviceKey);
  const errorRatio = random.between(0.25, 0.45);
  const selfFactor = random.between(2.2, 3.5);
  const version = nextVersion(victim.version);
  return {
    entity: serviceKey(victim),
    alternatives: instanceKeys(estate, victim),
    mode: "bad_change",
    change: { entity: serviceKey(victim), title: `Release ${version} of ${victim.id}`, labels: { version } },
    apply: (effects, stepsIn) => {
      for (const instance of victim.instances.slice(0, stepsIn + 1)) {
        effects.newRelease[instance] = 1;
        effects.errorRatio[instance] = errorRatio;
        effects.selfFactor[instance] = selfFactor;
      }
    },
  };
};

/** What a release after `version` is called: its minor number goes up. */
export function nextVersion(version: string): string {
  const [major = "1", minor = "0"] = version.split(".");
  return `${major}.${Number(minor) + 1}.0`;
}

/** The certificate that a service begins to serve has run out: a renewal went wrong, or was forgotten. */
export const planCertificateExpiry: FaultPlanner = (estate, random, target) => {
  const all = estate.services.filter((service) => service.certificateSeconds !== undefined);
  const candidates = calledServices(estate).filter((service) => service.certificateSeconds !== undefined);
  const victim = chooseVictim(random, target, candidates, all, serviceKey);
  const overdueSeconds = random.between(10, 600);
  return {
    entity: serviceKey(victim),
    alternatives: instanceKeys(estate, victim),
    mode: "certificate_expired",
    apply: (effects, stepsIn) => {
      effects.certificateSeconds[victim.index] = -overdueSeconds - 15 * stepsIn;
    },
  };
};

/** A transaction holds a lock that much of the database's work waits for. */
export const planDatabaseLock: FaultPlanner = (estate, random, target) => {
  const victim = chooseVictim(random, target, databases(estate), databases(estate), serviceKey);
  const share = random.between(0.6, 0.85);
  const alternatives: EntityKey[] = [`service:${victim.id}`];
  return {
    entity: serviceKey(victim),
    alternatives,
    mode: "lock_contention",
    apply: (effects, stepsIn) => {
      effects.lock[victim.index] = share * Math.min(1, 0.5 + 0.25 * stepsIn);
    },
  };
};
