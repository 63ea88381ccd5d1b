/** Tells whether a name is known. */
export interface KnownNames {
  has(name: string): boolean;
}

/** Names that were told since the turn before the last one: what is told again and again stays, what is over goes. */
export class RecentNames implements KnownNames {
  #young = new Set<string>();
  #old = new Set<string>();

  has(name: string): boolean {
    return this.#young.has(name) || this.#old.has(name);
  }

  add(name: string): void {
    this.#young.add(name);
  }

  /** Forgets what was not told since the last turn. */
  turn(): void {
    this.#old = this.#young;
    this.#young = new Set();
  }
}
