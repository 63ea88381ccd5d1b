/** What one round of probing a path found. */
export interface ProbeRound {
  readonly sent: number;
  /** Round-trip times in the order of sending, milliseconds; NaN for what was not answered in time. */
  readonly rttMs: readonly number[];
}

/** A round in figures; the times are NaN when nothing, and the jitter when less than two in a row, was answered. */
export interface RoundFigures {
  readonly lossRatio: number;
  readonly minS: number;
  readonly meanS: number;
  readonly maxS: number;
  /** Mean of the absolute differences of round-trip times of packets that follow each other (RFC 3393, with the previous packet as reference). */
  readonly jitterS: number;
}

/** A path to be probed. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** Packets or connections in a round. */
  readonly count: number;
  /** Between the start of one and of the next. */
  readonly spacingMs: number;
  /** What has not come back after so long is lost. */
  readonly timeoutMs: number;
}

/** Probes a path once. Ends early, with what it has, when `stop` is given; a failure of any kind is loss. */
export type RunRound = (target: ProbeTarget, stop: AbortSignal) => Promise<ProbeRound>;

export function figuresOf({ sent, rttMs }: ProbeRound): RoundFigures {
  let [answered, sum, steps, stepSum] = [0, 0, 0, 0];
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const [i, rtt] of rttMs.entries()) {
    if (Number.isNaN(rtt)) continue;
    answered++;
    sum += rtt;
    min = Math.min(min, rtt);
    max = Math.max(max, rtt);
    const before = rttMs[i - 1];
    if (before !== undefined && !Number.isNaN(before)) {
      steps++;
      stepSum += Math.abs(rtt - before);
    }
  }
  const seconds = (ms: number): number => (answered === 0 ? Number.NaN : ms / 1000);
  return {
    lossRatio: sent === 0 ? Number.NaN : (sent - answered) / sent,
    minS: seconds(min),
    meanS: seconds(sum / answered),
    maxS: seconds(max),
    jitterS: steps === 0 ? Number.NaN : stepSum / steps / 1000,
  };
}
