import type { ResourceInfo } from "@yunwei/otlp";
import { type KnownNames, RecentNames } from "./recent-names.ts";

const KIND = "database:";

/** Names of databases that report for themselves: of the catalogue of resources in use and of the one before. */
export class ReportedDatabases implements KnownNames {
  readonly #names = new RecentNames();
  #resources: readonly ResourceInfo[] | undefined;
  #seen = 0;

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Takes what has come to a decoder's catalogue; one that replaces another names all that there still is. */
  take(resources: readonly ResourceInfo[]): void {
    if (resources !== this.#resources) {
      this.#resources = resources;
      this.#seen = 0;
      this.#names.turn();
    }
    for (; this.#seen < resources.length; this.#seen++) {
      const { entity } = resources[this.#seen]!;
      if (entity.startsWith(KIND)) this.#names.add(entity.slice(KIND.length));
    }
  }
}
