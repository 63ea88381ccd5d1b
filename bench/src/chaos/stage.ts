import type { Store } from "@yunwei/store";
import type { ChaosEvent, Possibility } from "./plan-events.ts";

/** What a chaos run is played on. */
export interface Stage {
  readonly possibilities: readonly Possibility[];
  /** What cannot be done on this machine, and why. */
  readonly leftOut: readonly string[];
  /** Base addresses of the doors, behind links that can be cut. */
  readonly doors: readonly string[];
  readonly token: string;
  /** Processes that ended by themselves, with the reason; each was started again. */
  readonly crashes: readonly string[];
  begin(event: ChaosEvent): Promise<void>;
  /** Makes the target whole and starts it again; resolves when it is ready. */
  end(event: ChaosEvent): Promise<void>;
  /** Starts what has ended by itself. Once a second. */
  watch(): Promise<void>;
  /** Messages that are not stored yet; undefined when nobody answers. */
  lag(): Promise<number | undefined>;
  /** Rows so far; undefined when nobody answers. */
  stored(): Promise<number | undefined>;
  /** The store for the final count, when all is stored. */
  openStore(): Promise<Store>;
  /** Ends everything and removes its data; with `keepLogs` the logs stay. Resolves with their folder. */
  close(keepLogs: boolean): Promise<string | undefined>;
}
