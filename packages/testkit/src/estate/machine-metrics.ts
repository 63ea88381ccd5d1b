import { encodeScopeField, type MetricShape, MetricTemplate, type RequestPacker } from "../otlp-writer/index.ts";
import type { Estate, EstateMachine } from "./estate.ts";
import { machineResource } from "./estate-resources.ts";
import type { MachineState } from "./machine-state.ts";
import type { Random } from "./random.ts";

const DEVICE = "vda";
const INTERFACE = { "network.interface.name": "eth0" };
/** Chance per step that a network interface counts a bad frame. */
const FRAME_ERROR_CHANCE = 0.002;

type Column = Exclude<keyof MachineState, "step" | "slow">;

/** One metric of a machine and the columns its points are read from; an empty list is the error counter. */
const METRICS: readonly (MetricShape & { readonly columns: readonly Column[] })[] = [
  { name: "system.cpu.utilization", unit: "1", kind: "gauge", columns: ["cpu"] },
  { name: "system.cpu.load_average.1m", unit: "{thread}", kind: "gauge", columns: ["loadAverage"] },
  { name: "system.memory.utilization", unit: "1", kind: "gauge", columns: ["memory"] },
  {
    name: "system.filesystem.utilization",
    unit: "1",
    kind: "gauge",
    points: [{ "system.filesystem.mountpoint": "/" }, { "system.filesystem.mountpoint": "/data" }],
    columns: ["rootUsed", "dataUsed"],
  },
  { name: "system.disk.io_time", unit: "1", kind: "gauge", points: [{ "system.device": DEVICE }], columns: ["diskBusy"] },
  { name: "system.disk.latency", unit: "s", kind: "gauge", points: [{ "system.device": DEVICE }], columns: ["diskMs"] },
  {
    name: "system.network.io",
    unit: "By",
    kind: "counter",
    integer: true,
    points: [
      { ...INTERFACE, "network.io.direction": "receive" },
      { ...INTERFACE, "network.io.direction": "transmit" },
    ],
    columns: ["received", "sent"],
  },
  { name: "system.network.errors", unit: "{error}", kind: "counter", integer: true, points: [INTERFACE], columns: [] },
];

interface Reporter {
  readonly machine: EstateMachine;
  readonly resource: Uint8Array;
  readonly template: MetricTemplate;
  readonly metrics: readonly (typeof METRICS)[number][];
  /** When in the step it is scraped, milliseconds before its end. */
  readonly phaseMs: number;
  /** Cumulative figures of the counter points, by point: small, as after a recent reboot. */
  readonly totals: Float64Array;
}

/** Reports what hosts and VMs measure, minus what an agent does not report. */
export class MachineMetrics {
  private readonly estate: Estate;
  private readonly state: MachineState;
  private readonly random: Random;
  private readonly scope = encodeScopeField("hostmetrics", "0.141.0");
  private readonly reporters: readonly Reporter[];

  constructor(estate: Estate, state: MachineState, random: Random, startMs: number, stepMs: number) {
    this.estate = estate;
    this.state = state;
    this.random = random;
    this.reporters = estate.machines.map((machine) => {
      const metrics = METRICS.filter((metric) => !machine.missing.has(metric.name));
      const template = new MetricTemplate(metrics);
      template.setStart(startMs - random.between(30, 900) * 3_600_000);
      const totals = new Float64Array(template.pointCount).map(() => Math.floor(random.between(0, 60)));
      return { machine, resource: machineResource(estate, machine), template, metrics, phaseMs: random.between(0, 0.6) * stepMs, totals };
    });
  }

  /** @param packerOf - where a site's metrics go, or undefined when the site sends none */
  report(nowMs: number, stepMs: number, packerOf: (site: number) => RequestPacker | undefined): void {
    for (const reporter of this.reporters) {
      const hasFrameError = this.random.uniform() < FRAME_ERROR_CHANCE;
      const packer = packerOf(reporter.machine.site);
      if (packer === undefined) continue;
      this.fill(reporter, stepMs, hasFrameError);
      reporter.template.setTime(nowMs - reporter.phaseMs + this.estate.sites[reporter.machine.site]!.clockSkewMs);
      reporter.template.appendTo(packer, reporter.resource, this.scope);
    }
  }

  private fill(reporter: Reporter, stepMs: number, hasFrameError: boolean): void {
    const { index } = reporter.machine;
    let point = 0;
    for (const metric of reporter.metrics) {
      if (metric.columns.length === 0) {
        if (hasFrameError) reporter.totals[point]!++;
        reporter.template.setNumber(point, reporter.totals[point]!);
        point++;
      }
      for (const column of metric.columns) {
        reporter.template.setNumber(point, this.valueOf(reporter, metric, point, column, index, stepMs));
        point++;
      }
    }
  }

  private valueOf(reporter: Reporter, metric: MetricShape, point: number, column: Column, machine: number, stepMs: number): number {
    const value = this.state[column][machine]!;
    if (metric.kind === "counter") {
      reporter.totals[point] = reporter.totals[point]! + (value * stepMs) / 1000;
      return reporter.totals[point]!;
    }
    return column === "diskMs" ? value / 1000 : value;
  }
}
