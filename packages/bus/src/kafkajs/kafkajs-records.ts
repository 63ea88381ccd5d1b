import type { Batch, IHeaders, KafkaMessage } from "kafkajs";
import type { DeliveredMessage } from "../bus.ts";

const NOTHING = Buffer.alloc(0);

/** The offset that the fetch of a batch asked for; kafkajs keeps it there but does not declare it. */
export function fetchedFrom(batch: Batch): number {
  return Number((batch as Batch & { readonly fetchedOffset: string }).fetchedOffset);
}

/** Messages of others may lack key, value and headers. */
export function deliveredMessages(batch: Batch): DeliveredMessage[] {
  return batch.messages.map((message) => delivered(message, batch.topic, batch.partition));
}

function delivered({ key, value, headers, offset, timestamp }: KafkaMessage, topic: string, partition: number): DeliveredMessage {
  const message = { topic, partition, offset: Number(offset), timestampMs: Number(timestamp), key: key?.toString("utf8") ?? "", value: value ?? NOTHING };
  return headers === undefined || Object.keys(headers).length === 0 ? message : { ...message, headers: textHeaders(headers) };
}

/** Of a name that comes several times the last counts. */
function textHeaders(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, (Array.isArray(value) ? value.at(-1) : value)?.toString() ?? ""]));
}
