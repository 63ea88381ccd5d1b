import { PartitionClock } from "./partition-clock.ts";

/** A time further ahead of the process clock than this says nothing about where its source is. */
const MAX_AHEAD_MS = 5 * 60_000;
/** A source counts as silent after this long: on the process clock, or on the clocks of its peers. */
const SILENT_MS = 30_000;
/** Peers lead only a source that has not been heard for this long on the process clock: a consumer may be behind in one topic. */
const UNHEARD_MS = 3_000;
/** A partition that gave nothing for this long no longer holds the others back. */
const PARTITION_SILENT_MS = 15_000;
/** A leap over this (or over four usual steps) is the source coming back: nobody has been silent yet. */
const MIN_LEAP_MS = 45_000;
/** Tempo is measured over at least this much of the process clock. */
const TEMPO_MS = 2_000;

/** JSON-safe state of a clock. */
export interface SourceClockState {
  readonly watermarkMs: number;
  readonly resumedMs: number;
  readonly stepMs: number;
  readonly partitions: readonly (readonly [partition: number, reporters: readonly number[], times: readonly number[]])[];
}

/**
 * How far a source (an ingest token: one clock domain) has come in event time: per partition what three of its reporters
 * have reached (fewer when fewer are alive), over the partitions the least, so that a consumer that is ahead in one of
 * them makes nobody look silent. When the whole source falls silent, the clock goes on with its peers (`follow`), or with
 * the process clock.
 */
export class SourceClock {
  /** Newest value of `advance`; 0 before the first. */
  watermarkMs = 0;
  /** Where its own data has brought it. */
  reachedMs = 0;
  /** Where the source last came back after a leap: silence counts from here at the earliest. */
  resumedMs = 0;
  /** Whether the watermark stands where data (its own, or another signal's of the same source) put it. */
  speaking = false;
  /** Event time per process time: 1 when live, more in a replay; 0 = not known yet. */
  tempo = 0;
  #stepMs = 0;
  #heardMs = 0;
  #silentFromMs = 0;
  #fresh = false;
  #freshForPeers = false;
  #lead = Number.NaN;
  #peerLead = Number.NaN;
  #tempoFrom: { readonly nowMs: number; readonly reachedMs: number } | undefined;
  readonly #partitions = new Map<number, PartitionClock>();

  /** A reporter's time. O(1). @param nowMs - process clock */
  hear(partition: number, reporter: number, timeMs: number, nowMs: number): void {
    let clock = this.#partitions.get(partition);
    if (clock === undefined) {
      clock = new PartitionClock();
      this.#partitions.set(partition, clock);
    }
    this.#heardMs = nowMs;
    this.#fresh = true;
    clock.hear(reporter, timeMs <= nowMs + MAX_AHEAD_MS ? timeMs : 0, nowMs);
  }

  /**
   * Brings the watermark up to date; it may step back when a wild clock is outvoted.
   * @param companion - the same source's clock of another signal: leads when this one says nothing (no calls are a finding, no data is none)
   */
  advance(nowMs: number, companion?: SourceClock): number {
    if (this.#fresh) {
      this.#takeData(nowMs);
      if (companion?.speaking === true) this.#lead = companion.watermarkMs - this.reachedMs;
    } else if (companion?.speaking === true && this.#followTo(companion.watermarkMs - this.#lead, nowMs)) this.speaking = true;
    else if (this.watermarkMs > 0 && nowMs - this.#heardMs > SILENT_MS) {
      this.speaking = false;
      if (this.#silentFromMs === 0) this.#silentFromMs = this.#heardMs + SILENT_MS;
      this.watermarkMs += nowMs - this.#silentFromMs;
      this.#silentFromMs = nowMs;
    }
    return this.watermarkMs;
  }

  /** Lets a silent source go on as its peers do; one with new data only notes how far apart they are. @param peersMs - where the peers are */
  follow(peersMs: number, nowMs: number): void {
    if (this.#freshForPeers) this.#peerLead = peersMs - this.reachedMs;
    else if (this.#followTo(peersMs - this.#peerLead, nowMs)) this.speaking = false;
    this.#freshForPeers = false;
  }

  #takeData(nowMs: number): void {
    this.#fresh = false;
    this.#freshForPeers = true;
    this.#silentFromMs = 0;
    this.speaking = true;
    let reached = Number.POSITIVE_INFINITY;
    for (const clock of this.#partitions.values()) {
      if (nowMs - clock.lastHeardMs <= PARTITION_SILENT_MS) reached = Math.min(reached, clock.reached(nowMs));
    }
    if (reached === Number.POSITIVE_INFINITY || reached === 0) return;
    this.reachedMs = reached;
    this.#moveTo(reached);
    this.#measureTempo(nowMs);
  }

  #measureTempo(nowMs: number): void {
    const from = this.#tempoFrom;
    if (from === undefined) this.#tempoFrom = { nowMs, reachedMs: this.reachedMs };
    else if (nowMs - from.nowMs >= TEMPO_MS) {
      const tempo = (this.reachedMs - from.reachedMs) / (nowMs - from.nowMs);
      if (tempo > 0) this.tempo = this.tempo === 0 ? tempo : this.tempo + 0.3 * (tempo - this.tempo);
      this.#tempoFrom = { nowMs, reachedMs: this.reachedMs };
    }
  }

  /** @returns whether another clock leads now */
  #followTo(estimateMs: number, nowMs: number): boolean {
    const silence = estimateMs - this.reachedMs;
    if (!(silence > SILENT_MS) || nowMs - this.#heardMs < UNHEARD_MS) return false;
    this.watermarkMs = Math.max(this.watermarkMs, estimateMs - SILENT_MS);
    this.#silentFromMs = nowMs;
    return true;
  }

  state(): SourceClockState {
    const partitions = [...this.#partitions].map(([partition, clock]) => [partition, ...clock.state()] as const);
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
    }
    clock.reachedMs = state.watermarkMs;
    clock.#fresh = false;
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
