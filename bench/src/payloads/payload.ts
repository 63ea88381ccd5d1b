/** One Export request and how many points, spans or records it has. */
export interface Payload {
  readonly body: Uint8Array;
  readonly items: number;
}

/** A request of metrics with the times of collection in it, Unix milliseconds. */
export interface TimedPayload extends Payload {
  readonly timesMs: readonly number[];
}
