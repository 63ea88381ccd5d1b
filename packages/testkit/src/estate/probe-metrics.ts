import { METRIC } from "@yunwei/schemas";
import { encodeScopeField, MetricTemplate, type RequestPacker } from "../otlp-writer/index.ts";
import type { Effects } from "./effects.ts";
import type { Estate } from "./estate.ts";
import { linkResource, rackResource } from "./estate-resources.ts";
import type { MachineState } from "./machine-state.ts";

const [RTT, LOSS, UP] = [0, 1, 2] as const;
/** Power meters hang on a small battery: they report the missing power for this many steps. */
const METER_BATTERY_STEPS = 4;

/** What probes measure of links, and power meters of racks. */
export class ProbeMetrics {
  private readonly estate: Estate;
  private readonly effects: Effects;
  private readonly machines: MachineState;
  /** Two standard deviations per link (rtt, loss), then one per rack. */
  private readonly noise: (series: number) => number;
  private readonly scope = encodeScopeField("yunwei.probe", "1.0.0");
  private readonly links: readonly { readonly template: MetricTemplate; readonly resource: Uint8Array }[];
  private readonly racks: readonly { readonly template: MetricTemplate; readonly resource: Uint8Array }[];
  /** By site: steps since its power went. */
  private readonly darkSteps: Uint32Array;

  constructor(estate: Estate, effects: Effects, machines: MachineState, noise: (series: number) => number) {
    this.estate = estate;
    this.effects = effects;
    this.machines = machines;
    this.noise = noise;
    this.links = estate.links.map((link) => ({
      resource: linkResource(estate, link),
      template: new MetricTemplate([
        { name: METRIC.linkRtt, unit: "s", kind: "gauge" },
        { name: METRIC.linkLoss, unit: "1", kind: "gauge" },
        { name: METRIC.linkUp, unit: "1", kind: "gauge", integer: true },
      ]),
    }));
    this.racks = estate.racks.map((rack) => ({
      resource: rackResource(estate, rack),
      template: new MetricTemplate([{ name: METRIC.rackPower, unit: "W", kind: "gauge" }]),
    }));
    this.darkSteps = new Uint32Array(estate.sites.length);
  }

  /** @param packerOf - where a site's metrics go; asked for dark sites too, whose meters live a little longer */
  report(nowMs: number, packerOf: (site: number) => RequestPacker | undefined, meterPackerOf: (site: number) => RequestPacker): void {
    for (const { index, probeSite } of this.estate.links) {
      const packer = packerOf(probeSite);
      if (packer !== undefined) this.reportLink(index, nowMs + this.estate.sites[probeSite]!.clockSkewMs, packer);
    }
    for (const { index: site } of this.estate.sites) this.darkSteps[site] = this.effects.powerOff[site] ? this.darkSteps[site]! + 1 : 0;
    for (const { index, site } of this.estate.racks) {
      const isDark = this.darkSteps[site]! > 0;
      if (this.darkSteps[site]! > METER_BATTERY_STEPS) continue;
      const packer = isDark ? meterPackerOf(site) : packerOf(site);
      if (packer !== undefined) this.reportRack(index, isDark, nowMs + this.estate.sites[site]!.clockSkewMs, packer);
    }
  }

  private reportLink(index: number, timeMs: number, packer: RequestPacker): void {
    const { effects, estate } = this;
    const link = estate.links[index]!;
    const { template, resource } = this.links[index]!;
    const [a, b] = link.between;
    // A router without power answers no probe: the link looks down, though it is not its fault.
    const isUp = !effects.linkDown[index] && !effects.powerOff[a] && !effects.powerOff[b];
    const rttMs = link.rttMs * (1 + 0.03 * this.noise(2 * index)) + 2 * effects.linkDelayMs[index]! * (1 + 0.08 * this.noise(2 * index));
    const restLoss = Math.max(0, 0.0002 + 0.0002 * this.noise(2 * index + 1));
    const loss = isUp ? Math.min(1, restLoss + effects.linkLoss[index]! * (1 + 0.1 * this.noise(2 * index + 1))) : 1;
    template.setNumber(RTT, Math.max(0.1, rttMs) / 1000);
    template.setHidden(RTT, !isUp);
    template.setNumber(LOSS, loss);
    template.setNumber(UP, isUp ? 1 : 0);
    template.setTime(timeMs);
    template.appendTo(packer, resource, this.scope);
  }

  private reportRack(index: number, isDark: boolean, timeMs: number, packer: RequestPacker): void {
    let watts = 220;
    for (let host = 0; host < this.estate.hostCount; host++) {
      if (this.estate.machines[host]!.rack === index) watts += 190 + 260 * this.machines.cpu[host]!;
    }
    const { template, resource } = this.racks[index]!;
    const noise = this.noise(2 * this.estate.links.length + index);
    template.setNumber(0, isDark ? 0 : watts * (1 + 0.01 * noise));
    template.setTime(timeMs);
    template.appendTo(packer, resource, this.scope);
  }
}
