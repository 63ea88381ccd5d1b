import type { Estate } from "./estate.ts";

/**
 * Requests (statements for a database) that each instance serves per step at load 1: the entry volumes carried along
 * the call graph, which is acyclic, and shared evenly among the instances of a service.
 * @param stepMs - length of a step, milliseconds
 */
export function nominalRates(estate: Estate, stepMs: number): Float64Array {
  const perService = new Float64Array(estate.services.length);
  const visit = (service: number, requests: number): void => {
    perService[service] = perService[service]! + requests;
    for (const call of estate.services[service]!.calls) visit(call.callee, requests * call.share);
  };
  for (const service of estate.services) if (service.volume > 0) visit(service.index, (service.volume * stepMs) / 15_000);
  return Float64Array.from(estate.instances, ({ service }) => perService[service]! / estate.services[service]!.instances.length);
}
