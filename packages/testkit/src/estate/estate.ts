import type { EntityKey, Tier } from "@yunwei/schemas";

export type Criticality = "core" | "important" | "normal";

export interface EstateSite {
  readonly index: number;
  readonly id: string;
  readonly tier: Tier;
  /** How far the clocks of this site are off, milliseconds, within +-2,000. */
  readonly clockSkewMs: number;
}

/** A link between two sites. Both directions share its fate. */
export interface EstateLink {
  readonly index: number;
  /** `<a>--<b>`. */
  readonly id: string;
  readonly between: readonly [a: number, b: number];
  readonly rttMs: number;
  /** The site whose probe measures it. */
  readonly probeSite: number;
}

export interface EstateRack {
  readonly index: number;
  readonly id: string;
  readonly site: number;
}

/** A physical host or a VM: they have the same metrics. */
export interface EstateMachine {
  /** Dense over hosts and VMs together, hosts first. */
  readonly index: number;
  readonly name: string;
  readonly site: number;
  readonly rack: number;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Machine index of the physical host a VM runs on; undefined on a physical host. */
  readonly hypervisor: number | undefined;
  /** Names of metrics that this machine's agent does not report. */
  readonly missing: ReadonlySet<string>;
}

export interface EstateCall {
  readonly callee: number;
  /** Probability that a request of the caller makes this call. */
  readonly share: number;
  /** The caller goes on when the call fails. */
  readonly optional: boolean;
}

/** A service, or a database when `dbSystem` is set (one instance, no spans of its own). */
export interface EstateService {
  readonly index: number;
  readonly id: string;
  readonly department: string;
  readonly criticality: Criticality;
  readonly site: number;
  readonly dbSystem: string | undefined;
  /** Median own time of a request (database: of a statement), milliseconds. */
  readonly selfMs: number;
  readonly route: string;
  /** Seconds the TLS certificate is good for at the start; undefined when it serves none. */
  readonly certificateSeconds: number | undefined;
  /** Traces that begin here per 15 s at load 1; 0 = not an entry. */
  readonly volume: number;
  readonly version: string;
  readonly calls: readonly EstateCall[];
  readonly instances: readonly number[];
}

export interface EstateInstance {
  readonly index: number;
  readonly id: string;
  readonly service: number;
  /** Machine index of its VM. */
  readonly vm: number;
  readonly memoryBytes: number;
  /** How long it had been up when the simulation began, milliseconds. */
  readonly upSinceMs: number;
}

/** The simulated estate: what exists. Everything refers to everything by dense index. */
export interface Estate {
  readonly seed: number;
  readonly sites: readonly EstateSite[];
  readonly links: readonly EstateLink[];
  readonly racks: readonly EstateRack[];
  /** Physical hosts, then VMs. */
  readonly machines: readonly EstateMachine[];
  readonly hostCount: number;
  readonly services: readonly EstateService[];
  readonly instances: readonly EstateInstance[];
  /** Departments with an entry service. */
  readonly departments: readonly string[];
}

/** Key of an instance: `instance:<service>/<instance>`, or `database:<service>` for that of a database. */
export function instanceKey(estate: Estate, instance: EstateInstance): EntityKey {
  const service = estate.services[instance.service]!;
  return service.dbSystem === undefined ? `instance:${service.id}/${instance.id}` : `database:${service.id}`;
}

export function machineKey(machine: EstateMachine): EntityKey {
  return machine.hypervisor === undefined ? `host:${machine.name}` : `vm:${machine.name}`;
}

export function serviceKey(service: EstateService): EntityKey {
  return service.dbSystem === undefined ? `service:${service.id}` : `database:${service.id}`;
}

/** Links crossed between two sites: the core is a triangle, and every city hangs on the production centre. */
export function linkPath(estate: Estate, from: number, to: number): number[] {
  if (from === to) return [];
  const direct = estate.links.find(({ between: [a, b] }) => (a === from && b === to) || (a === to && b === from));
  if (direct !== undefined) return [direct.index];
  const hub = estate.sites.findIndex((site) => site.id === "core-prod");
  return from === hub || to === hub ? [] : [...linkPath(estate, from, hub), ...linkPath(estate, hub, to)];
}
