import type { Random } from "./random.ts";

const PHI = 0.75;
const BURST_CHANCE = 0.001;
const LIMIT = 4;
const INNOVATION = Math.sqrt(1 - PHI * PHI);

/**
 * Noise of many series at once: AR(1) with unit variance and short bursts, within +-4. Each step draws the same number of
 * random numbers whatever happens in the estate, so two runs of one seed have the same noise, with and without a fault.
 */
export class NoiseBank {
  /** Current noise of each series, in standard deviations. */
  readonly values: Float64Array;
  private readonly level: Float64Array;
  private readonly burstSteps: Uint8Array;
  private readonly random: Random;

  constructor(series: number, random: Random) {
    this.values = new Float64Array(series);
    this.level = new Float64Array(series).map(() => random.normal());
    this.burstSteps = new Uint8Array(series);
    this.random = random;
  }

  step(): void {
    const { values, level, burstSteps, random } = this;
    for (let i = 0; i < values.length; i++) {
      level[i] = PHI * level[i]! + INNOVATION * random.normal();
      const chance = random.uniform();
      if (burstSteps[i]! > 0) burstSteps[i]!--;
      else if (chance < BURST_CHANCE) burstSteps[i] = 2 + Math.floor((chance / BURST_CHANCE) * 3);
      const value = level[i]! + (burstSteps[i]! > 0 ? 2.5 : 0);
      values[i] = Math.max(-LIMIT, Math.min(LIMIT, value));
    }
  }
}
