import type { Estate } from "./estate.ts";

/** How the telemetry of a site reaches the gateway. */
export const TELEMETRY_FLOWS = ["normal", "late", "missing"] as const;

/**
 * What the active faults do to the physical estate in this step, and nothing else: all consequences are worked out by the
 * dynamics and the traces. Cleared before each step; faults then add theirs.
 */
export class Effects {
  /** By machine: share of its idle CPU that a foreign process takes, 0..1. */
  readonly cpuHog: Float64Array;
  /** By machine: added time of one disk operation, milliseconds. */
  readonly diskExtraMs: Float64Array;
  /** By machine: share of the free space of /data that is filled up, 0..1. */
  readonly dataFill: Float64Array;
  /** By instance: bytes leaked in this step. */
  readonly leakBytes: Float64Array;
  /** By instance: 1 = the process does not run. */
  readonly down: Uint8Array;
  /** By instance: factor on its own time, 1 = normal. */
  readonly selfFactor: Float64Array;
  /** By instance: share of requests that fail in its own code, 0..1. */
  readonly errorRatio: Float64Array;
  /** By instance: 1 = it runs the new release. */
  readonly newRelease: Uint8Array;
  /** By service: seconds its certificate is still good for; NaN = untouched. */
  readonly certificateSeconds: Float64Array;
  /** By service (database): how much of its work waits for one lock, 0..1. */
  readonly lock: Float64Array;
  /** By link: added one-way time, milliseconds; loss ratio 0..1; 1 = down. */
  readonly linkDelayMs: Float64Array;
  readonly linkLoss: Float64Array;
  readonly linkDown: Uint8Array;
  /** By site: 1 = no power. */
  readonly powerOff: Uint8Array;
  /** By site: index into TELEMETRY_FLOWS. */
  readonly telemetry: Uint8Array;
  /** By service (entry): factor on its traffic, 1 = normal. */
  readonly traffic: Float64Array;

  constructor(estate: Estate) {
    const machines = estate.machines.length;
    const instances = estate.instances.length;
    const services = estate.services.length;
    const links = estate.links.length;
    const sites = estate.sites.length;
    this.cpuHog = new Float64Array(machines);
    this.diskExtraMs = new Float64Array(machines);
    this.dataFill = new Float64Array(machines);
    this.leakBytes = new Float64Array(instances);
    this.down = new Uint8Array(instances);
    this.selfFactor = new Float64Array(instances);
    this.errorRatio = new Float64Array(instances);
    this.newRelease = new Uint8Array(instances);
    this.certificateSeconds = new Float64Array(services);
    this.lock = new Float64Array(services);
    this.linkDelayMs = new Float64Array(links);
    this.linkLoss = new Float64Array(links);
    this.linkDown = new Uint8Array(links);
    this.powerOff = new Uint8Array(sites);
    this.telemetry = new Uint8Array(sites);
    this.traffic = new Float64Array(services);
    this.clear();
  }

  clear(): void {
    for (const zeroed of [this.cpuHog, this.diskExtraMs, this.dataFill, this.leakBytes, this.errorRatio, this.lock, this.linkDelayMs, this.linkLoss]) {
      zeroed.fill(0);
    }
    for (const flags of [this.down, this.newRelease, this.linkDown, this.powerOff, this.telemetry]) flags.fill(0);
    this.selfFactor.fill(1);
    this.traffic.fill(1);
    this.certificateSeconds.fill(Number.NaN);
  }
}
