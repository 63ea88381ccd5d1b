import type { BusMessage, DeliveredMessage } from "@yunwei/bus";

/** Headers that say where a relayed message comes from; the others are the message's own. */
export const RELAY_HEADER = {
  /** Site of the relay. */
  site: "yunwei.relay-site",
  /** Id of the site's log: another one when its data folder was made anew, where offsets begin at 0 again. */
  log: "yunwei.relay-log",
  /** "partition:offset" in that log. */
  offset: "yunwei.relay-offset",
  /** "first-last", on the first message behind data of its partition that the operator had the relay give up. */
  givenUp: "yunwei.relay-given-up",
} as const;

export interface RelayOrigin {
  readonly site: string;
  readonly log: string;
}

/** The message as it goes to the core: key, value and headers as they are, and where it comes from. */
export function withOrigin(message: DeliveredMessage, { site, log }: RelayOrigin): BusMessage {
  const origin = { [RELAY_HEADER.site]: site, [RELAY_HEADER.log]: log, [RELAY_HEADER.offset]: `${message.partition}:${message.offset}` };
  return { key: message.key, value: message.value, headers: { ...message.headers, ...origin } };
}

/** The offset that a message at the core had in `partition` of this log; undefined when it comes from elsewhere. */
export function originOffset(message: BusMessage, { site, log }: RelayOrigin, partition: number): number | undefined {
  const headers = message.headers ?? {};
  if (headers[RELAY_HEADER.log] !== log || headers[RELAY_HEADER.site] !== site) return undefined;
  const [, from, offset] = /^(\d{1,9}):(\d{1,15})$/.exec(headers[RELAY_HEADER.offset] ?? "") ?? [];
  return Number(from) === partition && offset !== undefined ? Number(offset) : undefined;
}

/** Length, deltas and counts of one record, and the headers of its origin. */
const FRAME_BYTES = 180;

/** About what a message takes on the way to the core; a UTF-16 unit counts as one byte. */
export function relayedBytes(message: BusMessage): number {
  let bytes = FRAME_BYTES + message.value.length + message.key.length;
  for (const [name, text] of Object.entries(message.headers ?? {})) bytes += name.length + text.length + 4;
  return bytes;
}
