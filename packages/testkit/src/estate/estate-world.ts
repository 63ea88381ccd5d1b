import { RecordSink } from "../otlp-writer/index.ts";
import { Effects } from "./effects.ts";
import type { Estate } from "./estate.ts";
import { loadFactor } from "./load-curve.ts";
import { LogBook } from "./log-book.ts";
import { MACHINE_NOISES, MachineState } from "./machine-state.ts";
import { NoiseBank } from "./noise-bank.ts";
import { nominalRates } from "./nominal-rates.ts";
import { PROCESS_NOISES, ProcessState } from "./process-state.ts";
import { Random, textKey } from "./random.ts";
import { RequestStats } from "./request-stats.ts";
import { type LogSurroundings, writeSystemLogs } from "./system-logs.ts";
import { TraceGenerator } from "./trace-generator.ts";

/** Records of one resource are cut into pieces of this size, so that a request of them stays below its limit. */
const PIECE_BYTES = 128 * 1024;
/** Relative standard deviation of the traffic of an entry service. */
const TRAFFIC_NOISE = 0.03;

/** The estate in motion: its physical state and the requests that run through it. */
export class EstateWorld implements LogSurroundings {
  readonly estate: Estate;
  readonly startMs: number;
  readonly stepMs: number;
  readonly effects: Effects;
  readonly machines: MachineState;
  readonly processes: ProcessState;
  readonly served: RequestStats;
  readonly poolWaits: RequestStats;
  readonly spans: readonly RecordSink[];
  readonly logs: LogBook;
  readonly random: Random;
  private readonly bank: NoiseBank;
  private readonly traces: TraceGenerator;
  private readonly processNoiseAt: number;
  private readonly probeNoiseAt: number;
  private readonly trafficNoiseAt: number;

  constructor(estate: Estate, startMs: number, stepMs: number) {
    const { machines, instances, links, racks, services } = estate;
    this.estate = estate;
    this.startMs = startMs;
    this.stepMs = stepMs;
    this.random = new Random(estate.seed, textKey("world"));
    this.processNoiseAt = machines.length * MACHINE_NOISES;
    this.probeNoiseAt = this.processNoiseAt + instances.length * PROCESS_NOISES;
    this.trafficNoiseAt = this.probeNoiseAt + links.length * 2 + racks.length;
    this.bank = new NoiseBank(this.trafficNoiseAt + services.length, new Random(estate.seed, textKey("noise")));
    this.effects = new Effects(estate);
    this.machines = new MachineState(estate, this.bank, 0, this.random);
    this.processes = new ProcessState(estate, this.bank, this.processNoiseAt, nominalRates(estate, stepMs), startMs, loadFactor(startMs));
    this.served = new RequestStats(instances.length);
    this.poolWaits = new RequestStats(instances.length);
    this.spans = instances.map(() => new RecordSink(PIECE_BYTES));
    this.logs = new LogBook([...instances, ...machines].map(() => new RecordSink(PIECE_BYTES)));
    this.traces = new TraceGenerator(this);
  }

  /** Standard deviations of the noise of an instance's metric. */
  processNoise(instance: number, which: number): number {
    return this.bank.values[this.processNoiseAt + instance * PROCESS_NOISES + which]!;
  }

  /** Two series per link (rtt, loss), then one per rack. */
  probeNoise(series: number): number {
    return this.bank.values[this.probeNoiseAt + series]!;
  }

  /** Lives through the step that ends at `nowMs`, under the effects that were set before. */
  step(step: number, nowMs: number): void {
    this.bank.step();
    this.processes.step(this.effects, nowMs, this.stepMs);
    for (const { index } of this.estate.instances) {
      if (!this.processes.restarted[index]) continue;
      this.served.restart(index);
      this.poolWaits.restart(index);
    }
    this.machines.step(this.effects, this.processes.machineLoad, this.processes.machineBytes);
    this.served.beginStep();
    this.poolWaits.beginStep();
    this.logs.beginStep();
    this.serveUsers(step, nowMs);
    writeSystemLogs(this, nowMs, this.stepMs);
    this.processes.learn(this.served.stepCount);
  }

  private serveUsers(step: number, nowMs: number): void {
    const load = (loadFactor(nowMs) * this.stepMs) / 15_000;
    for (const service of this.estate.services) {
      if (service.volume === 0) continue;
      const noise = 1 + TRAFFIC_NOISE * this.bank.values[this.trafficNoiseAt + service.index]!;
      const wanted = service.volume * load * noise * this.effects.traffic[service.index]!;
      for (let i = 0; i < wanted; i++) {
        // Evenly spread with some jitter: the golden ratio leaves no gaps, whatever the count.
        const phase = ((i + 1) * 0.618_033_988_749_894_9 + service.index * 0.37 + step * 0.11) % 1;
        this.traces.trace(service, nowMs - this.stepMs + phase * this.stepMs, this.estate.seed, step, i);
      }
    }
  }
}
