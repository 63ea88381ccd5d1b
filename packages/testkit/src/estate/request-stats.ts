/** Bounds of duration histograms, seconds: the advice of the OpenTelemetry conventions for HTTP and database clients. */
export const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const;
export const BUCKETS = DURATION_BOUNDS.length + 1;

/** Cumulative histograms of durations, one per instance, and the counts of the current step. */
export class RequestStats {
  readonly buckets: Float64Array;
  readonly sumSeconds: Float64Array;
  readonly stepCount: Float64Array;
  readonly stepSeconds: Float64Array;

  constructor(instances: number) {
    this.buckets = new Float64Array(instances * BUCKETS);
    this.sumSeconds = new Float64Array(instances);
    this.stepCount = new Float64Array(instances);
    this.stepSeconds = new Float64Array(instances);
  }

  record(instance: number, durationMs: number): void {
    const seconds = durationMs / 1000;
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && seconds > DURATION_BOUNDS[bucket]!) bucket++;
    this.buckets[instance * BUCKETS + bucket]!++;
    this.sumSeconds[instance] = this.sumSeconds[instance]! + seconds;
    this.stepCount[instance]!++;
    this.stepSeconds[instance] = this.stepSeconds[instance]! + seconds;
  }

  /** The process was restarted: its cumulative figures begin at nothing. */
  restart(instance: number): void {
    this.buckets.fill(0, instance * BUCKETS, (instance + 1) * BUCKETS);
    this.sumSeconds[instance] = 0;
  }

  beginStep(): void {
    this.stepCount.fill(0);
    this.stepSeconds.fill(0);
  }
}
