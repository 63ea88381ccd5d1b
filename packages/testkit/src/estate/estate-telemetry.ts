import { encodeScopeField } from "../otlp-writer/index.ts";
import { instanceResource, machineResource } from "./estate-resources.ts";
import type { EstateWorld } from "./estate-world.ts";
import { nextVersion } from "./faults/service-faults.ts";
import { InstanceMetrics } from "./instance-metrics.ts";
import { MachineMetrics } from "./machine-metrics.ts";
import { ProbeMetrics } from "./probe-metrics.ts";
import { Random, textKey } from "./random.ts";
import { type EstateRequest, TelemetryUplink } from "./telemetry-uplink.ts";

/** Collectors close a request before it grows beyond this. */
const MAX_REQUEST_BYTES = 512 * 1024;

/** What the agents and collectors of the sites make of the world, step by step. */
export class EstateTelemetry {
  private readonly world: EstateWorld;
  private readonly machineMetrics: MachineMetrics;
  private readonly instanceMetrics: InstanceMetrics;
  private readonly probeMetrics: ProbeMetrics;
  private readonly uplink: TelemetryUplink;
  private readonly release: Uint8Array;
  /** By instance, as its current release describes itself. */
  private readonly instanceResources: Uint8Array[];
  private readonly machineResources: readonly Uint8Array[];
  private readonly spanScope = encodeScopeField("io.opentelemetry.http", "2.22.0");
  private readonly logScope = encodeScopeField("filelog", "0.141.0");

  constructor(world: EstateWorld) {
    const { estate, startMs, stepMs } = world;
    const random = new Random(estate.seed, textKey("telemetry"));
    this.world = world;
    this.machineMetrics = new MachineMetrics(estate, world.machines, random, startMs, stepMs);
    this.instanceMetrics = new InstanceMetrics(world, random, startMs, stepMs);
    this.probeMetrics = new ProbeMetrics(estate, world.effects, world.machines, (series) => world.probeNoise(series));
    this.uplink = new TelemetryUplink(estate, world.effects, MAX_REQUEST_BYTES);
    this.release = new Uint8Array(estate.instances.length);
    this.instanceResources = estate.instances.map((instance) => instanceResource(estate, instance, estate.services[instance.service]!.version));
    this.machineResources = estate.machines.map((machine) => machineResource(estate, machine));
  }

  /** What arrives at the gateway in the step that ends at `nowMs`. */
  report(step: number, nowMs: number): EstateRequest[] {
    const { effects, stepMs } = this.world;
    this.describeReleases();
    const meters = (site: number) => this.uplink.packer(site, "metrics");
    const metrics = (site: number) => (effects.powerOff[site] ? undefined : meters(site));
    this.machineMetrics.report(nowMs, stepMs, metrics);
    this.instanceMetrics.report(nowMs, stepMs, this.instanceResources, metrics);
    this.probeMetrics.report(nowMs, metrics, meters);
    this.drainSpansAndLogs();
    return this.uplink.collect(step);
  }

  private describeReleases(): void {
    const { estate, effects } = this.world;
    for (const instance of estate.instances) {
      if (this.release[instance.index] === effects.newRelease[instance.index]) continue;
      this.release[instance.index] = effects.newRelease[instance.index]!;
      const { version } = estate.services[instance.service]!;
      const current = effects.newRelease[instance.index] ? nextVersion(version) : version;
      this.instanceResources[instance.index] = instanceResource(estate, instance, current);
    }
  }

  private drainSpansAndLogs(): void {
    const { estate, spans, logs } = this.world;
    for (const { index, vm } of estate.instances) {
      const { site } = estate.machines[vm]!;
      spans[index]!.drain(this.uplink.packer(site, "traces"), this.instanceResources[index]!, this.spanScope);
      logs.sinks[index]!.drain(this.uplink.packer(site, "logs"), this.instanceResources[index]!, this.logScope);
    }
    for (const { index, site } of estate.machines) {
      logs.sinks[estate.instances.length + index]!.drain(this.uplink.packer(site, "logs"), this.machineResources[index]!, this.logScope);
    }
  }
}
