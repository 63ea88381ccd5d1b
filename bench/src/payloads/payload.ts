/** One Export request and how many points, spans or records it has. */
export interface Payload {
  readonly body: Uint8Array;
  readonly items: number;
}
