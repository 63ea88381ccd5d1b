/** What the times of one sender's data say of its clock. */
export interface SkewReading {
  /** Seconds that its newest data is ahead of our clock when it arrives: its clock's lead, less the shortest way of the data. */
  readonly skewSeconds: number;
  /** Between the middle half of the requests: how much the way of the data varies. */
  readonly spreadSeconds: number;
  /** Requests in the window. */
  readonly samples: number;
  /**
   * "ahead": its clock is ahead of ours by at least `skewSeconds`, for no way of data makes it younger. "behind": its data arrives so
   * late all the time that its clock is behind ours by up to that, or the data waits. "unsure": too little, or too little at one, to say.
   */
  readonly verdict: "ahead" | "behind" | "steady" | "unsure";
}

const MINUTE_MS = 60_000;
const MINUTES = 15;
/** Minutes with data from which on something is said. */
const LEAST_MINUTES = 3;
/** A request's worth of rounding, and two clocks that NTP holds. */
const AHEAD_S = 1;
/** Exporters gather for up to a minute; what is older all the time has another reason. */
const BEHIND_S = 90;
const KEPT_SAMPLES = 256;
/** Minutes of the upper half apart by more than this say nothing of the clock: the data waits by different times. */
const UNSTEADY_S = 60;

/**
 * Estimates the offset of a sender's clock from one-way times. `newest - received` = offset - delay, with delay >= 0: so only the
 * upper envelope is near the offset, and what is late says nothing (the minimum filter of NTP's clock filter, RFC 5905 section 10,
 * and of Paxson, "On calibrating measurements of packet transit times", 1998, section 5). The envelope is taken minute by minute, and the
 * median minute counts: a replay or a single machine with a wild clock does not move it, unless it lasts half of the window. A constant
 * delay cannot be told from a clock that is behind (no one-way method can), so that is never said for certain. Pure; O(1) a request.
 */
export class SkewMeter {
  /** By minute modulo the window: which minute, and its greatest lead in milliseconds. */
  readonly #minute = new Float64Array(MINUTES).fill(Number.NaN);
  readonly #lead = new Float64Array(MINUTES);
  readonly #samples = new Float64Array(KEPT_SAMPLES);
  readonly #sampleMinute = new Float64Array(KEPT_SAMPLES).fill(Number.NaN);
  #next = 0;

  /** One request. @param newestMs - time of its newest item; not finite = none, and nothing is noted */
  note(newestMs: number, receivedMs: number): void {
    const leadMs = newestMs - receivedMs;
    if (!Number.isFinite(leadMs)) return;
    const minute = Math.floor(receivedMs / MINUTE_MS);
    const slot = ((minute % MINUTES) + MINUTES) % MINUTES;
    if (this.#minute[slot] !== minute) {
      this.#minute[slot] = minute;
      this.#lead[slot] = leadMs;
    } else this.#lead[slot] = Math.max(this.#lead[slot]!, leadMs);
    this.#samples[this.#next] = leadMs;
    this.#sampleMinute[this.#next] = minute;
    this.#next = (this.#next + 1) % KEPT_SAMPLES;
  }

  /** Over the 15 minutes up to `nowMs`. Undefined when nothing came. */
  read(nowMs: number): SkewReading | undefined {
    const now = Math.floor(nowMs / MINUTE_MS);
    const isRecent = (minute: number): boolean => minute > now - MINUTES && minute <= now;
    const leads = [...this.#lead].filter((_, slot) => isRecent(this.#minute[slot]!)).sort(ascending);
    if (leads.length === 0) return undefined;
    const samples = [...this.#samples].filter((_, i) => isRecent(this.#sampleMinute[i]!)).sort(ascending);
    const skewSeconds = quantile(leads, 0.5) / 1000;
    const unsteady = (quantile(leads, 0.75) - quantile(leads, 0.5)) / 1000 > UNSTEADY_S;
    return {
      skewSeconds,
      spreadSeconds: (quantile(samples, 0.75) - quantile(samples, 0.25)) / 1000,
      samples: samples.length,
      verdict: leads.length < LEAST_MINUTES || unsteady ? "unsure" : skewSeconds > AHEAD_S ? "ahead" : skewSeconds < -BEHIND_S ? "behind" : "steady",
    };
  }
}

const ascending = (one: number, other: number): number => one - other;

/** Of sorted values, at least one: the lower of two neighbours. */
function quantile(sorted: readonly number[], at: number): number {
  return sorted[Math.floor((sorted.length - 1) * at)]!;
}
