import type { EntityKey } from "@yunwei/schemas";

/** What derived series are about: one service, instance, edge or logging entity of one source. */
export interface DerivedKey {
  readonly kind: "service" | "instance" | "edge" | "log";
  readonly entity: EntityKey;
  readonly service: string;
  readonly tier: string;
  readonly department: string;
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly edge?: { readonly from: EntityKey; readonly to: EntityKey };
  /** Resources seen per site. */
  readonly sites: Map<string, number>;
  /** Of what it was taken for, Unix ms. */
  readonly bornMs: number;
  /** End of the newest window with data, Unix ms; 0 = none. */
  lastMs: number;
  /** Detector slots by metric name, valid for `epoch`. */
  readonly slots: Map<string, number>;
  epoch: number;
}

export type NewDerivedKey = Omit<DerivedKey, "sites" | "bornMs" | "lastMs" | "slots" | "epoch">;

/** Keys of one source at a time; more are refused. */
const MAX_KEYS = 50_000;
/** A key without data for this long is over: a pod that was replaced, a release. What errs once a week is not. */
export const OVER_MS = 14 * 86_400_000;

/** The keys of one source, by a dense index that a later key gets when its own is over. */
export class DerivedKeys {
  /** By index; undefined = over. */
  readonly all: (DerivedKey | undefined)[] = [];
  readonly #byName = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #maxKeys: number;
  refused = 0;

  constructor(maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys;
  }

  /** Index of a key, taken in when new; -1 when there are too many (counted). @param timeMs - of what it is taken for, event time */
  take(key: NewDerivedKey, timeMs: number): number {
    const name = nameOf(key);
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#free.length === 0 && this.all.length >= this.#maxKeys) {
      this.refused++;
      return -1;
    }
    const index = this.#free.pop() ?? this.all.length;
    this.all[index] = { ...key, sites: new Map(), bornMs: timeMs, lastMs: 0, slots: new Map(), epoch: -1 };
    this.#byName.set(name, index);
    return index;
  }

  /** Forgets the keys that are over at `timeMs`. @returns whether there were any: who keeps something by index must forget it too */
  forgetOver(timeMs: number): boolean {
    const before = this.#free.length;
    for (let index = 0; index < this.all.length; index++) {
      const key = this.all[index];
      if (key === undefined || timeMs - Math.max(key.bornMs, key.lastMs) <= OVER_MS) continue;
      this.#byName.delete(nameOf(key));
      this.all[index] = undefined;
      this.#free.push(index);
    }
    return this.#free.length > before;
  }

  /** Counts one resource of the key at a site. */
  vote(index: number, site: string): void {
    const sites = this.all[index]?.sites;
    sites?.set(site, (sites.get(site) ?? 0) + 1);
  }
}

function nameOf({ kind, entity, labels }: NewDerivedKey): string {
  return `${kind}\n${entity}\n${labels["from_site"] ?? ""}\n${labels["to_site"] ?? ""}`;
}

/** The site most resources of a key are at; the first in code-unit order of a tie; "" without any. */
export function siteOf(key: DerivedKey): string {
  let best = "";
  let most = 0;
  for (const [site, count] of [...key.sites].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (count > most) {
      best = site;
      most = count;
    }
  }
  return best;
}
