import { type EntityKey, YunweiError } from "@yunwei/schemas";
import { type Estate, type EstateInstance, type EstateService, instanceKey, linkPath, serviceKey } from "../estate.ts";
import type { Random } from "../random.ts";

/** One of `candidates`: that of key `target` among `all`, or a random one.
 * @throws YunweiError YUNWEI_NOT_FOUND when the target is not something this fault can hit */
export function chooseVictim<T>(random: Random, target: EntityKey | undefined, candidates: readonly T[], all: readonly T[], keyOf: (item: T) => EntityKey): T {
  if (target === undefined) return random.pick(candidates);
  const found = all.find((item) => keyOf(item) === target);
  if (found !== undefined) return found;
  const examples = candidates.slice(0, 3).map(keyOf).join(", ");
  throw new YunweiError("YUNWEI_NOT_FOUND", `${target} cannot have this fault; it can hit for instance ${examples}`);
}

/** Services with instances of their own that carry traffic worth noticing. */
export function importantServices(estate: Estate): EstateService[] {
  return estate.services.filter((service) => service.dbSystem === undefined && service.criticality !== "normal");
}

/** Services that other services call. */
export function calledServices(estate: Estate): EstateService[] {
  const called = new Set(estate.services.flatMap((service) => service.calls.map((call) => call.callee)));
  return importantServices(estate).filter((service) => called.has(service.index));
}

export function databases(estate: Estate): EstateService[] {
  return estate.services.filter((service) => service.dbSystem !== undefined);
}

export function instancesOf(estate: Estate, services: readonly EstateService[]): EstateInstance[] {
  return services.flatMap((service) => service.instances.map((index) => estate.instances[index]!));
}

/** Keys of the instances of a service. */
export function instanceKeys(estate: Estate, service: EstateService): EntityKey[] {
  return instancesOf(estate, [service]).map((instance) => instanceKey(estate, instance));
}

/** Keys of what runs on a VM, and of the services it runs for. */
export function keysOnVm(estate: Estate, vm: number): EntityKey[] {
  const instances = estate.instances.filter((instance) => instance.vm === vm);
  return [...new Set(instances.flatMap((instance) => [instanceKey(estate, instance), serviceKey(estate.services[instance.service]!)]))];
}

/** Keys `edge:<caller>-><callee>` of all calls that cross a link. */
export function edgesOverLink(estate: Estate, link: number): EntityKey[] {
  return estate.services.flatMap((caller) =>
    caller.calls
      .map((call) => estate.services[call.callee]!)
      .filter((callee) => linkPath(estate, caller.site, callee.site).includes(link))
      .map((callee): EntityKey => `edge:${caller.id}->${callee.id}`),
  );
}
