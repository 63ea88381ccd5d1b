import { hashStrings } from "@yunwei/otlp";
import type { Detector } from "./detector.ts";
import { ESSENTIAL_RANKS, essentialRank } from "./essential-metrics.ts";
import type { Finding } from "./finding.ts";
import { R } from "./record-layout.ts";
import { reporterOf } from "./reporter.ts";
import type { SeriesIdentity } from "./series-identity.ts";
import type { SourceClock } from "./source-clock.ts";

const MIN_SILENCE_MS = 60_000;
const SILENT_INTERVALS = 4;
/** Share of an entity's series that must have stopped. */
const STOPPED_SHARE = 0.8;
/** An entity seen for less than this is too new to be missed. */
const MIN_LIFE_MS = 5 * 60_000;
/** Points after which the interval of a series is known, and how unsteady it may be. */
const MIN_POINTS = 5;
const MAX_JITTER = 0.5;
/** A series that stopped this long ago while its entity lived on is over: it no longer counts. */
const OVER_MS = 3_600_000;
/** An absent entity is forgotten, and its absence closed, after this long. */
const FORGET_MS = 24 * 3_600_000;

/** JSON-safe state of an entity. */
export interface EntityState {
  readonly entity: string;
  readonly source: string;
  /** Series and onset of the open absence, or null. */
  readonly absent: { readonly seriesId: string; readonly onsetMs: number } | null;
}

interface Entity {
  readonly reporter: number;
  readonly entity: string;
  readonly source: string;
  readonly slots: Set<number>;
  absent: { readonly series: SeriesIdentity; readonly onsetMs: number; readonly slot: number } | null;
}

/** What the series of an entity say together. */
interface Roll {
  alive: number;
  stopped: number;
  essentialAlive: boolean;
  slot: number;
  lastSeenMs: number;
  /** Longest history of a series, by its own clock. */
  lifeMs: number;
}

/**
 * Who has stopped reporting, told once per entity. Silence is measured on the clock of the entity's source from where that
 * clock stood when the series last came, so an entity whose own clock is wrong is not missed.
 */
export class Presence {
  readonly #detector: Detector;
  readonly #entities: Entity[] = [];
  readonly #byKey = new Map<string, Entity>();
  readonly #bySource = new Map<string, Entity[]>();

  constructor(detector: Detector) {
    this.#detector = detector;
  }

  get open(): number {
    let open = 0;
    for (const entity of this.#entities) if (entity.absent !== null) open++;
    return open;
  }

  /** Counts the series to its entity. @returns the entity as a reporter of its source's clock: the same number in every process */
  attach(slot: number, series: SeriesIdentity): number {
    const entity = this.#entityOf(series.entity, series.source);
    if (slot >= 0) entity.slots.add(slot);
    return entity.reporter;
  }

  /** Judges all entities of a source. O(its series). @returns openings and closings, in order of first sight */
  sweep(source: string, clock: SourceClock): Finding[] {
    const findings: Finding[] = [];
    for (const entity of this.#bySource.get(source) ?? []) {
      const roll = this.#callRoll(entity, clock);
      const total = roll.alive + roll.stopped;
      if (entity.absent !== null) {
        const gone = clock.watermarkMs - roll.lastSeenMs > FORGET_MS;
        if (roll.stopped < STOPPED_SHARE * total || gone) findings.push(this.#close(entity, clock));
        if (gone) this.#forget(entity, clock.watermarkMs);
      } else if (total > 0 && roll.stopped >= STOPPED_SHARE * total && !roll.essentialAlive && roll.lifeMs >= MIN_LIFE_MS) {
        findings.push(this.#open(entity, roll, clock));
      }
    }
    return findings;
  }

  /** Entities that matter after a restart; their series attach themselves again. */
  state(): EntityState[] {
    return this.#entities.map(({ entity, source, absent }) => ({
      entity,
      source,
      absent: absent === null ? null : { seriesId: absent.series.seriesId, onsetMs: absent.onsetMs },
    }));
  }

  /** Precondition: the detector is restored and its series attached. */
  restore(states: readonly EntityState[]): void {
    for (const state of states) {
      const entity = this.#entityOf(state.entity, state.source);
      const slot = state.absent === null ? -1 : this.#detector.find(state.absent.seriesId);
      const series = this.#detector.identities[slot];
      entity.absent = state.absent === null || series === undefined ? null : { series, slot, onsetMs: state.absent.onsetMs };
    }
  }

  #entityOf(entity: string, source: string): Entity {
    const key = `${source}\n${entity}`;
    let known = this.#byKey.get(key);
    if (known === undefined) {
      known = { reporter: reporterOf(hashStrings(entity)), entity, source, slots: new Set(), absent: null };
      this.#byKey.set(key, known);
      this.#entities.push(known);
      const siblings = this.#bySource.get(source);
      if (siblings === undefined) this.#bySource.set(source, [known]);
      else siblings.push(known);
    }
    return known;
  }

  #callRoll(entity: Entity, clock: SourceClock): Roll {
    const roll: Roll = { alive: 0, stopped: 0, essentialAlive: false, slot: -1, lastSeenMs: 0, lifeMs: 0 };
    let rank = Number.POSITIVE_INFINITY;
    for (const slot of entity.slots) {
      const series = this.#detector.identities[slot];
      if (series === undefined || !isSignOfLife(series)) continue;
      const { f64 } = this.#detector.table.chunkOf(slot);
      const base = this.#detector.table.base(slot);
      const seen = f64[base + R.seenAtMs]!;
      if (seen === 0) continue;
      roll.lifeMs = Math.max(roll.lifeMs, f64[base + R.lastMs]! - f64[base + R.firstMs]!);
      roll.lastSeenMs = Math.max(roll.lastSeenMs, seen);
      const own = essentialRank(series.metric);
      const verdict = verdictOf(f64, base, clock.watermarkMs - Math.max(seen, clock.resumedMs), entity.absent !== null);
      if (verdict === "alive") {
        roll.alive++;
        if (own < ESSENTIAL_RANKS) roll.essentialAlive = true;
      } else if (verdict === "stopped") {
        roll.stopped++;
        if (own < rank) {
          rank = own;
          roll.slot = slot;
        }
      }
    }
    return roll;
  }

  #open(entity: Entity, roll: Roll, clock: SourceClock): Finding {
    const series = this.#detector.identities[roll.slot]!;
    const { f64 } = this.#detector.table.chunkOf(roll.slot);
    const onsetMs = f64[this.#detector.table.base(roll.slot) + R.lastMs]!;
    entity.absent = { series, onsetMs, slot: roll.slot };
    return this.#finding(entity.absent, "open", Math.max(onsetMs, clock.watermarkMs));
  }

  #close(entity: Entity, clock: SourceClock): Finding {
    const absent = entity.absent!;
    entity.absent = null;
    return this.#finding(absent, "close", Math.max(absent.onsetMs, clock.watermarkMs));
  }

  #finding(absent: NonNullable<Entity["absent"]>, state: "open" | "close", timeMs: number): Finding {
    const { f64 } = this.#detector.table.chunkOf(absent.slot);
    const value = f64[this.#detector.table.base(absent.slot) + R.value]!;
    const series: SeriesIdentity = { ...absent.series, traits: { ...absent.series.traits, family: "availability" } };
    const score = state === "open" ? 2 * this.#detector.tau : 0;
    return {
      series,
      detector: "absence",
      state,
      timeMs,
      onsetMs: absent.onsetMs,
      value,
      expected: value,
      lower: value,
      upper: value,
      score,
      peakScore: 2 * this.#detector.tau,
      direction: "absent",
      harmful: true,
      mature: true,
    };
  }

  #forget(entity: Entity, timeMs: number): void {
    for (const slot of entity.slots) this.#detector.expire(slot, timeMs);
    entity.slots.clear();
  }
}

/** What the silence of one series says; `unknown`: too short or unsteady a history, or over long ago. */
function verdictOf(f64: Float64Array, base: number, silenceMs: number, absent: boolean): "alive" | "stopped" | "unknown" {
  if (silenceMs <= Math.max(MIN_SILENCE_MS, SILENT_INTERVALS * f64[base + R.intervalMs]!)) return "alive";
  if (silenceMs > OVER_MS && !absent) return "unknown";
  return f64[base + R.points]! < MIN_POINTS || f64[base + R.jitter]! > MAX_JITTER ? "unknown" : "stopped";
}

/** What we derive ourselves goes on by our own clock. */
function isSignOfLife(series: SeriesIdentity): boolean {
  return series.entity !== "" && series.reading !== "derived" && series.reading !== "histogram_rate";
}
