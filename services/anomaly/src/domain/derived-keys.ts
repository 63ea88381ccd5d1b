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
  /** End of the newest window with data, Unix ms; 0 = none. */
  lastMs: number;
  /** Detector slots by metric name, valid for `epoch`. */
  readonly slots: Map<string, number>;
  epoch: number;
}

export type NewDerivedKey = Omit<DerivedKey, "sites" | "lastMs" | "slots" | "epoch">;

/** Keys of one source; more are refused. */
const MAX_KEYS = 50_000;

/** The keys of one source, dense by first sight. */
export class DerivedKeys {
  readonly all: DerivedKey[] = [];
  readonly #byName = new Map<string, number>();
  refused = 0;

  /** Dense index of a key, taken in when new; -1 when full (counted). */
  take(key: NewDerivedKey): number {
    const name = `${key.kind}\n${key.entity}\n${key.labels["from_site"] ?? ""}\n${key.labels["to_site"] ?? ""}`;
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.all.length >= MAX_KEYS) {
      this.refused++;
      return -1;
    }
    const index = this.all.length;
    this.all.push({ ...key, sites: new Map(), lastMs: 0, slots: new Map(), epoch: -1 });
    this.#byName.set(name, index);
    return index;
  }

  /** Counts one resource of the key at a site. */
  vote(index: number, site: string): void {
    const sites = this.all[index]?.sites;
    sites?.set(site, (sites.get(site) ?? 0) + 1);
  }
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
