import { ATTR } from "@yunwei/schemas";
import { type Attributes, encodeResourceField } from "../otlp-writer/index.ts";
import type { Estate, EstateInstance, EstateLink, EstateMachine, EstateRack } from "./estate.ts";

function siteAttributes(estate: Estate, site: number): Attributes {
  const { id, tier } = estate.sites[site]!;
  return { [ATTR.site]: id, [ATTR.tier]: tier };
}

/** Resource field of a host, or of a VM: that names its physical host. */
export function machineResource(estate: Estate, machine: EstateMachine): Uint8Array {
  return encodeResourceField({
    [ATTR.hostName]: machine.name,
    ...siteAttributes(estate, machine.site),
    [ATTR.rack]: estate.racks[machine.rack]!.id,
    ...(machine.hypervisor === undefined ? {} : { [ATTR.hypervisor]: estate.machines[machine.hypervisor]!.name }),
  });
}

/** Resource field of a service's instance, or of a database: that has no version we know of. */
export function instanceResource(estate: Estate, instance: EstateInstance, version: string): Uint8Array {
  const service = estate.services[instance.service]!;
  return encodeResourceField({
    [ATTR.serviceName]: service.id,
    [ATTR.serviceNamespace]: service.department,
    [ATTR.serviceInstanceId]: instance.id,
    ...(service.dbSystem === undefined ? { [ATTR.serviceVersion]: version } : { [ATTR.dbSystem]: service.dbSystem }),
    [ATTR.hostName]: estate.machines[instance.vm]!.name,
    ...siteAttributes(estate, service.site),
    [ATTR.department]: service.department,
  });
}

/** Resource field of a link, as its probe reports it. */
export function linkResource(estate: Estate, link: EstateLink): Uint8Array {
  return encodeResourceField({ [ATTR.entityType]: "link", [ATTR.entityId]: link.id, ...siteAttributes(estate, link.probeSite) });
}

export function rackResource(estate: Estate, rack: EstateRack): Uint8Array {
  return encodeResourceField({ [ATTR.entityType]: "rack", [ATTR.entityId]: rack.id, [ATTR.rack]: rack.id, ...siteAttributes(estate, rack.site) });
}
