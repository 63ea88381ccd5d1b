import { METRIC } from "@yunwei/schemas";
import { encodeScopeField, type MetricShape, MetricTemplate, type RequestPacker } from "../otlp-writer/index.ts";
import type { Effects } from "./effects.ts";
import type { Estate, EstateInstance, EstateService } from "./estate.ts";
import type { MachineState } from "./machine-state.ts";
import type { ProcessState } from "./process-state.ts";
import type { Random } from "./random.ts";
import { BUCKETS, DURATION_BOUNDS, type RequestStats } from "./request-stats.ts";

type Reading = "cpu" | "memory" | "uptime" | "requests" | "active" | "poolWait" | "certificate" | "lock";
type ReadShape = MetricShape & { readonly reading: Reading };

const PROCESS_SHAPES: readonly ReadShape[] = [
  { reading: "cpu", name: "process.cpu.utilization", unit: "1", kind: "gauge" },
  { reading: "memory", name: "process.memory.usage", unit: "By", kind: "gauge", integer: true },
  { reading: "uptime", name: "process.uptime", unit: "s", kind: "gauge" },
];
const SERVER_SHAPES: readonly ReadShape[] = [
  { reading: "requests", name: "http.server.request.duration", unit: "s", kind: "histogram", bounds: DURATION_BOUNDS },
  { reading: "active", name: "http.server.active_requests", unit: "{request}", kind: "gauge", integer: true },
];
const poolShape = (database: string): ReadShape => ({
  reading: "poolWait",
  name: "db.client.connection.wait_time",
  unit: "s",
  kind: "histogram",
  bounds: DURATION_BOUNDS,
  points: [{ "db.client.connection.pool.name": database }],
});
const CERTIFICATE_SHAPE: ReadShape = { reading: "certificate", name: METRIC.certificateRemaining, unit: "s", kind: "gauge" };
const LOCK_SHAPE: ReadShape = { reading: "lock", name: "db.lock.waiting", unit: "{session}", kind: "gauge", integer: true };

/** What the metrics of instances are read from. */
export interface InstanceReadings {
  readonly estate: Estate;
  readonly effects: Effects;
  readonly machines: MachineState;
  readonly processes: ProcessState;
  readonly served: RequestStats;
  readonly poolWaits: RequestStats;
  /** Noise of an instance, standard deviations. */
  processNoise(instance: number, which: number): number;
}

interface Reporter {
  readonly instance: EstateInstance;
  readonly service: EstateService;
  readonly template: MetricTemplate;
  readonly shapes: readonly ReadShape[];
  readonly phaseMs: number;
}

/** Reports what service instances and databases measure of themselves. A dead process reports nothing. */
export class InstanceMetrics {
  private readonly from: InstanceReadings;
  private readonly startMs: number;
  private readonly scope = encodeScopeField("io.opentelemetry.runtime", "2.22.0");
  private readonly reporters: readonly Reporter[];

  constructor(from: InstanceReadings, random: Random, startMs: number, stepMs: number) {
    this.from = from;
    this.startMs = startMs;
    this.reporters = from.estate.instances.map((instance) => {
      const service = from.estate.services[instance.service]!;
      const shapes = shapesOf(from.estate, service);
      return { instance, service, shapes, template: new MetricTemplate(shapes), phaseMs: random.between(0, 0.5) * stepMs };
    });
  }

  /** @param resources - by instance, as its current release describes itself */
  report(nowMs: number, stepMs: number, resources: readonly Uint8Array[], packerOf: (site: number) => RequestPacker | undefined): void {
    const { estate, processes } = this.from;
    for (const { instance, service, template, shapes, phaseMs } of this.reporters) {
      const packer = packerOf(service.site);
      if (packer === undefined || !processes.alive[instance.index]) continue;
      const takenMs = nowMs - phaseMs;
      const skewMs = estate.sites[service.site]!.clockSkewMs;
      template.setStart(Math.max(processes.bornMs[instance.index]!, this.startMs) + skewMs);
      for (const [point, shape] of shapes.entries()) this.fill(template, point, shape.reading, instance, service, takenMs, stepMs);
      template.setTime(takenMs + skewMs);
      template.appendTo(packer, resources[instance.index]!, this.scope);
    }
  }

  private fill(
    template: MetricTemplate,
    point: number,
    reading: Reading,
    instance: EstateInstance,
    service: EstateService,
    takenMs: number,
    stepMs: number,
  ): void {
    const { served, poolWaits } = this.from;
    const { index } = instance;
    if (reading === "requests") template.setHistogram(point, served.sumSeconds[index]!, served.buckets, index * BUCKETS, BUCKETS);
    else if (reading === "poolWait") template.setHistogram(point, poolWaits.sumSeconds[index]!, poolWaits.buckets, index * BUCKETS, BUCKETS);
    else template.setNumber(point, this.number(reading, instance, service, takenMs, stepMs));
  }

  private number(
    reading: Exclude<Reading, "requests" | "poolWait">,
    instance: EstateInstance,
    service: EstateService,
    takenMs: number,
    stepMs: number,
  ): number {
    const { effects, processes, served } = this.from;
    const { index } = instance;
    switch (reading) {
      case "cpu":
        return this.processCpu(instance);
      case "memory":
        return processes.residentBytes[index]!;
      case "uptime":
        return Math.max(0.5, (takenMs - processes.bornMs[index]!) / 1000);
      case "active": // Little's law: arrivals per second times seconds in the system
        return (1000 * served.stepSeconds[index]!) / stepMs + 1 + 0.4 * this.from.processNoise(index, 1);
      case "lock":
        return 0.4 + 0.5 * this.from.processNoise(index, 1) + 28 * effects.lock[service.index]!;
      case "certificate": {
        const replaced = effects.certificateSeconds[service.index]!;
        return Number.isNaN(replaced) ? service.certificateSeconds! - (takenMs - this.startMs) / 1000 : replaced;
      }
    }
  }

  /** Its work, and what a collector that runs all the time costs when memory is nearly gone. */
  private processCpu(instance: EstateInstance): number {
    const { effects, machines, processes } = this.from;
    const work = 0.05 + 0.07 * processes.relativeLoad[instance.index]! * Math.min(3, effects.selfFactor[instance.index]!);
    const collecting = 0.5 * Math.max(0, (machines.memory[instance.vm]! - 0.85) / 0.15);
    const ratio = work + collecting + 0.006 * this.from.processNoise(instance.index, 1);
    return Math.max(0.001, Math.min(1, ratio, machines.cpu[instance.vm]! + 0.02));
  }
}

function shapesOf(estate: Estate, service: EstateService): readonly ReadShape[] {
  if (service.dbSystem !== undefined) return [...PROCESS_SHAPES, LOCK_SHAPE];
  const database = service.calls.map((call) => estate.services[call.callee]!).find((callee) => callee.dbSystem !== undefined);
  return [
    ...PROCESS_SHAPES,
    ...SERVER_SHAPES,
    ...(database === undefined ? [] : [poolShape(database.id)]),
    ...(service.certificateSeconds === undefined ? [] : [CERTIFICATE_SHAPE]),
  ];
}
