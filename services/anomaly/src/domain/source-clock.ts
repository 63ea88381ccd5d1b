/** A time further ahead of the process clock than this says nothing about where its source is. */
const MAX_AHEAD_MS = 5 * 60_000;
/** The clock is what this many different reporters have reached, so that one wild clock cannot move it. */
const WITNESSES = 3;
/** A reporter, and a whole source, counts as silent after this long on the process clock. */
const SILENT_MS = 30_000;
/** A partition that gave nothing for this long no longer holds the others back. */
const PARTITION_SILENT_MS = 15_000;
/** A leap over this (or over four usual steps) is the source coming back: nobody has been silent yet. */
const MIN_LEAP_MS = 45_000;

/** JSON-safe state of a clock. */
export interface SourceClockState {
  readonly watermarkMs: number;
  readonly resumedMs: number;
  readonly stepMs: number;
  readonly partitions: readonly (readonly [partition: number, reporters: readonly number[], times: readonly number[]])[];
}

interface PartitionClock {
  readonly reporters: Int32Array;
  readonly times: Float64Array;
  readonly heardMs: Float64Array;
  lastHeardMs: number;
  reachedMs: number;
}

/**
 * How far a source (an ingest token: one clock domain) has come in event time: per partition what three of its reporters
 * have reached (fewer when fewer are alive), over the partitions the least, so that a consumer that is ahead in one of
 * them makes nobody look silent. When the whole source falls silent, the clock moves on with the process clock after 30 s.
 */
export class SourceClock {
  /** Newest value of `advance`; 0 before the first. */
  watermarkMs = 0;
  /** Where the source last came back after a leap: silence counts from here at the earliest. */
  resumedMs = 0;
  /** Whether the watermark stands where data (or the companion's) put it, not the process clock. */
  speaking = false;
  #stepMs = 0;
  #silentFromMs = 0;
  readonly #partitions = new Map<number, PartitionClock>();

  /** A reporter's time. O(1). @param nowMs - process clock */
  hear(partition: number, reporter: number, timeMs: number, nowMs: number): void {
    let clock = this.#partitions.get(partition);
    if (clock === undefined) this.#partitions.set(partition, (clock = newPartition()));
    clock.lastHeardMs = nowMs;
    if (!(timeMs <= nowMs + MAX_AHEAD_MS)) return;
    let least = 0;
    for (let i = 0; i < WITNESSES; i++) {
      if (clock.reporters[i] === reporter) {
        if (timeMs > clock.times[i]!) clock.times[i] = timeMs;
        clock.heardMs[i] = nowMs;
        return;
      }
      if (clock.times[i]! < clock.times[least]!) least = i;
    }
    if (timeMs <= clock.times[least]!) return;
    clock.reporters[least] = reporter;
    clock.times[least] = timeMs;
    clock.heardMs[least] = nowMs;
  }

  /**
   * Brings the watermark up to date; it may step back when a wild clock is outvoted.
   * @param companion - the same source's clock of another signal: leads when this one says nothing (no calls are a finding, no data is none)
   */
  advance(nowMs: number, companion?: SourceClock): number {
    let lastHeardMs = 0;
    let reached = Number.POSITIVE_INFINITY;
    for (const clock of this.#partitions.values()) {
      if (clock.lastHeardMs > lastHeardMs) lastHeardMs = clock.lastHeardMs;
      if (nowMs - clock.lastHeardMs > PARTITION_SILENT_MS) continue;
      const own = reachedBy(clock, nowMs);
      if (own < reached) reached = own;
    }
    const led = reached === Number.POSITIVE_INFINITY && companion?.speaking === true && companion.watermarkMs > this.watermarkMs;
    this.speaking = led || reached !== Number.POSITIVE_INFINITY;
    if (this.speaking) {
      this.#silentFromMs = 0;
      this.#moveTo(led ? companion.watermarkMs : reached);
    } else if (nowMs - lastHeardMs > SILENT_MS && this.watermarkMs > 0) {
      if (this.#silentFromMs === 0) this.#silentFromMs = lastHeardMs + SILENT_MS;
      this.watermarkMs += nowMs - this.#silentFromMs;
      this.#silentFromMs = nowMs;
    }
    return this.watermarkMs;
  }

  state(): SourceClockState {
    const partitions = [...this.#partitions].map(([partition, clock]) => {
      const known = [...clock.times.keys()].filter((i) => clock.times[i]! > 0);
      return [partition, known.map((i) => clock.reporters[i]!), known.map((i) => clock.times[i]!)] as const;
    });
    return { watermarkMs: this.watermarkMs, resumedMs: this.resumedMs, stepMs: this.#stepMs, partitions };
  }

  /** Everybody counts as just heard: a restart of ours is nobody's silence. */
  static restore(state: SourceClockState, nowMs: number): SourceClock {
    const clock = new SourceClock();
    clock.watermarkMs = state.watermarkMs;
    clock.resumedMs = state.resumedMs;
    clock.#stepMs = state.stepMs;
    for (const [partition, reporters, times] of state.partitions) {
      for (const [i, reporter] of reporters.entries()) clock.hear(partition, reporter, times[i] ?? 0, nowMs);
      const known = clock.#partitions.get(partition);
      if (known !== undefined) known.reachedMs = state.watermarkMs;
    }
    return clock;
  }

  #moveTo(reachedMs: number): void {
    const step = reachedMs - this.watermarkMs;
    if (step === 0) return;
    if (this.watermarkMs === 0 || step > Math.max(MIN_LEAP_MS, 4 * this.#stepMs)) this.resumedMs = reachedMs;
    if (step > 0 && this.watermarkMs > 0) this.#stepMs += 0.1 * (Math.min(step, 3_600_000) - this.#stepMs);
    this.watermarkMs = reachedMs;
  }
}

function newPartition(): PartitionClock {
  return {
    reporters: new Int32Array(WITNESSES).fill(-1),
    times: new Float64Array(WITNESSES),
    heardMs: new Float64Array(WITNESSES),
    lastHeardMs: 0,
    reachedMs: 0,
  };
}

/** The least time among the newest reporters that are alive; the last known one when all fell silent. */
function reachedBy(clock: PartitionClock, nowMs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < WITNESSES; i++) {
    const alive = clock.times[i]! > 0 && nowMs - clock.heardMs[i]! <= SILENT_MS;
    if (alive && clock.times[i]! < least) least = clock.times[i]!;
  }
  if (least !== Number.POSITIVE_INFINITY) clock.reachedMs = least;
  return clock.reachedMs;
}
