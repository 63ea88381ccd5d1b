import { hashStrings } from "@yunwei/otlp";
import { type DerivedKey, siteOf } from "./derived-keys.ts";
import type { Detector } from "./detector.ts";
import { TRUST, type Trust } from "./life-cycle.ts";
import type { Presence } from "./presence.ts";
import { identify } from "./series-identity.ts";

/** Gives values of derived series to the detector, naming each series at its first value. */
export class DerivedFeed {
  readonly #detector: Detector;
  readonly #presence: Presence;

  constructor(detector: Detector, presence: Presence) {
    this.#detector = detector;
    this.#presence = presence;
  }

  /** One value of one derived series; NaN is a gap. */
  observe(key: DerivedKey, metric: string, unit: string, timeMs: number, value: number, trust: Trust = TRUST.full): void {
    if (Number.isNaN(value)) return;
    const slot = this.#slotOf(key, metric, unit);
    if (slot >= 0) this.#detector.observe(slot, timeMs, value, trust);
  }

  #slotOf(key: DerivedKey, metric: string, unit: string): number {
    if (key.epoch !== this.#detector.epoch) {
      key.slots.clear();
      key.epoch = this.#detector.epoch;
    }
    const known = key.slots.get(metric);
    if (known !== undefined) return known;
    const { entity, service, tier, department, source, labels } = key;
    const seriesId = hashStrings("derived", source, department, metric, entity, labels["from_site"] ?? "", labels["to_site"] ?? "");
    const edge = key.edge === undefined ? {} : { edge: key.edge };
    const seed = { seriesId, metric, unit, reading: "derived" as const, entity, service, site: siteOf(key), tier, department, source, labels, ...edge };
    const series = identify(seed);
    const slot = this.#detector.register(series);
    if (slot >= 0) this.#presence.attach(slot, series);
    key.slots.set(metric, slot);
    return slot;
  }
}
