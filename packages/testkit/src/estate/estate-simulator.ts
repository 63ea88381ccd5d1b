import { type ChangeMessage, type EntityKey, YunweiError } from "@yunwei/schemas";
import { ChangeFeed } from "./change-feed.ts";
import type { Estate } from "./estate.ts";
import { EstateTelemetry } from "./estate-telemetry.ts";
import { EstateWorld } from "./estate-world.ts";
import type { FaultKind, FaultPlan, GroundTruth } from "./faults/fault.ts";
import { FAULT_PLANNERS } from "./faults/plan-fault.ts";
import { Random, textKey } from "./random.ts";
import type { EstateRequest } from "./telemetry-uplink.ts";

const DEFAULT_STEP_MS = 15_000;
/** Tuesday, 24 November 2026, 10:00 in Shanghai: an ordinary busy morning. */
const DEFAULT_START_MS = Date.UTC(2026, 10, 24, 2);

export interface SimulatorOptions {
  /** Simulated time of the beginning, Unix milliseconds; default a Tuesday morning. */
  readonly startMs?: number;
  /** Length of a step, milliseconds; default 15,000. */
  readonly stepMs?: number;
}

export interface InjectOptions {
  /** Key of the victim; default: the seed chooses one that matters. For a surge: a service of the department. */
  readonly target?: EntityKey;
  /** The fault ends by itself after this long (simulated milliseconds, whole steps); default never. */
  readonly durationMs?: number;
}

/**
 * Plays the estate step by step and gives the OTLP requests that its collectors would send. Deterministic: the same
 * estate, options and injections give the same bytes. No I/O, and no clock but its own. Two runs of one seed that differ
 * in a fault differ only where its consequences reach.
 */
export class EstateSimulator {
  readonly estate: Estate;
  private readonly world: EstateWorld;
  private readonly telemetry: EstateTelemetry;
  private readonly feed: ChangeFeed;
  private readonly faults: { readonly plan: FaultPlan; readonly fromStep: number; readonly untilStep: number }[] = [];
  private steps = 0;

  constructor(estate: Estate, options: SimulatorOptions = {}) {
    this.estate = estate;
    this.world = new EstateWorld(estate, options.startMs ?? DEFAULT_START_MS, options.stepMs ?? DEFAULT_STEP_MS);
    this.telemetry = new EstateTelemetry(this.world);
    this.feed = new ChangeFeed(estate, this.world.startMs);
  }

  /** Simulated time, Unix milliseconds: the end of the newest step. */
  get nowMs(): number {
    return this.world.startMs + this.steps * this.world.stepMs;
  }

  /** Lives through one step and returns what arrives at the gateway in it, each request at most 512 KiB. */
  step(): EstateRequest[] {
    const step = this.steps++;
    this.world.effects.clear();
    for (const { plan, fromStep, untilStep } of this.faults) {
      if (step >= fromStep && step < untilStep) plan.apply(this.world.effects, step - fromStep);
    }
    this.world.step(step, this.nowMs);
    this.feed.advance(this.nowMs);
    return this.telemetry.report(step, this.nowMs);
  }

  /**
   * Lets a fault begin now. The choice of the victim depends on the seed and on the number of faults before.
   * @throws YunweiError YUNWEI_NOT_FOUND when `target` cannot have this fault, YUNWEI_BODY_INVALID when the duration is not positive
   */
  inject(kind: FaultKind, options: InjectOptions = {}): GroundTruth {
    const durationMs = options.durationMs ?? Number.POSITIVE_INFINITY;
    if (!(durationMs > 0)) throw new YunweiError("YUNWEI_BODY_INVALID", `durationMs must be positive, not ${durationMs}`);
    const random = new Random(this.estate.seed, textKey(kind), this.faults.length);
    const plan = FAULT_PLANNERS[kind](this.estate, random, options.target);
    const lastingSteps = Math.ceil(durationMs / this.world.stepMs);
    this.faults.push({ plan, fromStep: this.steps, untilStep: this.steps + lastingSteps });
    this.feed.surround(plan, this.nowMs);
    return { kind, entity: plan.entity, alternatives: plan.alternatives, mode: plan.mode, onsetMs: this.nowMs };
  }

  /** The changes made so far, oldest first; most of them, and usually the newest before a fault, are innocent. */
  changes(): ChangeMessage[] {
    return this.feed.until(this.nowMs);
  }
}
