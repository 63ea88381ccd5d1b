import type { Tier } from "@yunwei/schemas";
import { stringify } from "yaml";
import type { Criticality, Estate } from "./estate.ts";

/** What an operator declares of an estate in `topology.yaml`; the rest is learnt from telemetry. */
export interface DeclaredTopology {
  readonly sites: readonly { readonly id: string; readonly tier: Tier }[];
  readonly links: readonly { readonly id: string; readonly between: readonly [string, string] }[];
  readonly racks: readonly { readonly id: string; readonly site: string }[];
  readonly hosts: readonly { readonly id: string; readonly rack: string; readonly site: string }[];
  readonly services: readonly { readonly id: string; readonly department: string; readonly criticality: Criticality; readonly site: string }[];
}

/** The declared topology of the estate, as an object and as YAML text that parses to the same object. */
export function estateTopology(estate: Estate): { readonly topology: DeclaredTopology; readonly yaml: string } {
  const siteId = (index: number) => estate.sites[index]!.id;
  const topology: DeclaredTopology = {
    sites: estate.sites.map(({ id, tier }) => ({ id, tier })),
    links: estate.links.map(({ id, between: [a, b] }) => ({ id, between: [siteId(a), siteId(b)] })),
    racks: estate.racks.map(({ id, site }) => ({ id, site: siteId(site) })),
    hosts: estate.machines.slice(0, estate.hostCount).map(({ name, rack, site }) => ({ id: name, rack: estate.racks[rack]!.id, site: siteId(site) })),
    services: estate.services.map(({ id, department, criticality, site }) => ({ id, department, criticality, site: siteId(site) })),
  };
  return { topology, yaml: stringify(topology) };
}
