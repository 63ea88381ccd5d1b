/** What a call can go to. */
export type CalleeKind = "service" | "database" | "queue" | "external";

/** Where a service stands. */
export interface CallPlace {
  readonly department: string;
  readonly site: string;
  readonly tier: string;
  readonly service: string;
}

/** What was called. */
export interface Callee {
  readonly name: string;
  readonly kind: CalleeKind;
  /** "" = not known. */
  readonly site: string;
}

/** Numbers of either kind; a sum's key has this much room for each (call-sums.ts). */
export const MAX_CALL_NAMES = 2 ** 17;

/** Numbers for the places and the callees of calls: joins and sums work on numbers alone. Bounded; numbers never change, so whoever needs room takes others. */
export class CallNames {
  readonly places: CallPlace[] = [];
  readonly callees: Callee[] = [];
  readonly #placeByKey = new Map<string, number>();
  readonly #calleeByKey = new Map<string, number>();
  /** Callee by place, when the callee has spans itself; -1 = not made yet. */
  readonly #served: number[] = [];
  readonly #most: number;

  /** @param most - of either; MAX_CALL_NAMES at most */
  constructor(most = MAX_CALL_NAMES) {
    this.#most = most;
  }

  /** Whether a new name may be refused. */
  get isFull(): boolean {
    return this.places.length >= this.#most || this.callees.length >= this.#most;
  }

  /** -1 when there are too many. */
  place({ department, site, tier, service }: CallPlace): number {
    const key = JSON.stringify([department, site, tier, service]);
    const known = this.#placeByKey.get(key);
    if (known !== undefined) return known;
    if (this.places.length === this.#most) return -1;
    const number = this.places.push({ department, site, tier, service }) - 1;
    this.#placeByKey.set(key, number);
    this.#served.push(-1);
    return number;
  }

  /** -1 when there are too many. */
  callee(name: string, kind: CalleeKind, site: string): number {
    const key = JSON.stringify([name, kind, site]);
    const known = this.#calleeByKey.get(key);
    if (known !== undefined) return known;
    if (this.callees.length === this.#most) return -1;
    const number = this.callees.push({ name, kind, site }) - 1;
    this.#calleeByKey.set(key, number);
    return number;
  }

  /** The service at a place as a callee; -1 when there are too many. */
  served(place: number): number {
    const known = this.#served[place]!;
    if (known >= 0) return known;
    const { service, site } = this.places[place]!;
    const number = this.callee(service, "service", site);
    this.#served[place] = number;
    return number;
  }

  /** Whether two places are of one service: what it does inside is no call. */
  isSameService(place: number, other: number): boolean {
    return place === other || this.places[place]!.service === this.places[other]!.service;
  }
}
