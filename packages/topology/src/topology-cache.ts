import type { Store } from "@yunwei/store";
import { loadTopology, NOTHING_DECLARED, readDeclared } from "./load-topology.ts";
import { Topology } from "./topology.ts";

export interface TopologyCacheOptions {
  readonly store: Store;
  readonly declaredPath: string;
  readonly nowMs: () => number;
  /** Told when a load fails; the last good graph stays in use. */
  readonly onTrouble: (error: unknown) => void;
  /** Least time between loads, by the process clock; default 5 s. */
  readonly freshMs?: number;
}

/** The graph, loaded again when it is asked for and older than a few seconds. */
export class TopologyCache {
  readonly #options: TopologyCacheOptions;
  #topology = new Topology();
  /** The last good form of the file: a broken one must not cost the graph that telemetry shows. */
  #declared = NOTHING_DECLARED;
  #loadedAtMs = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;

  constructor(options: TopologyCacheOptions) {
    this.#options = options;
  }

  /** @param untilMs - event time of what the graph is wanted for */
  async get(untilMs: number): Promise<Topology> {
    const { nowMs, freshMs = 5_000 } = this.#options;
    if (nowMs() - this.#loadedAtMs >= freshMs) {
      this.#loading ??= this.#load(untilMs).finally(() => {
        this.#loading = undefined;
      });
      await this.#loading;
    }
    return this.#topology;
  }

  async #load(untilMs: number): Promise<void> {
    try {
      this.#declared = await readDeclared(this.#options.declaredPath);
    } catch (error) {
      this.#options.onTrouble(error);
    }
    try {
      this.#topology = await loadTopology(this.#options.store, this.#declared, untilMs);
    } catch (error) {
      this.#options.onTrouble(error);
    }
    this.#loadedAtMs = this.#options.nowMs();
  }
}
