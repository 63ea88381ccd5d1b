import type { Signal } from "@yunwei/schemas";

/** One Export request of a recording, as it goes to the gateway. */
export interface ReplayRequest {
  readonly signal: Signal;
  /** Event time at which a collector would have sent it, Unix milliseconds, after shifting. */
  readonly timeMs: number;
  readonly encoding: "protobuf" | "json";
  readonly body: Uint8Array;
  readonly compression?: "gzip";
  /** Where it comes from, for messages, e.g. `traces.json line 12`. */
  readonly origin: string;
  /** Told when this request and all before it are acknowledged. */
  readonly acknowledged?: () => void;
}

/** A stretch of event time that is fed at one pace. */
export interface ReplayPhase {
  readonly name: string;
  /** In the order of time; read once. */
  readonly requests: AsyncIterable<ReplayRequest>;
  readonly fromMs: number;
  readonly toMs: number;
  /** Most event seconds per second in this phase when the person asked for "max"; undefined = as fast as the pipeline drains. */
  readonly mostSpeed: number | undefined;
}
