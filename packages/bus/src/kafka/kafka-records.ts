import type { fetchV17, MessageToProduce, RecordsBatch } from "@platformatic/kafka";
import type { BusMessage, DeliveredMessage } from "../bus.ts";

const CONTROL_BATCH = 0x20;
const NOTHING = Buffer.alloc(0);

/** Length, attributes, deltas and counts of one record: at most this many bytes beside key, headers and value. */
const RECORD_FRAME_BYTES = 64;

export function toKafkaMessage(message: BusMessage, topic: string, partition: number): MessageToProduce {
  const { value } = message;
  return {
    topic,
    partition,
    key: Buffer.from(message.key, "utf8"),
    value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers: new Map(Object.entries(message.headers ?? {}).map(([name, text]) => [Buffer.from(name, "utf8"), Buffer.from(text, "utf8")])),
  };
}

/** An upper bound of what a message takes in a batch; a UTF-16 unit is at most three bytes of UTF-8. */
export function recordBytes(message: BusMessage): number {
  let bytes = RECORD_FRAME_BYTES + message.value.length + 3 * message.key.length;
  for (const [name, text] of Object.entries(message.headers ?? {})) bytes += 3 * (name.length + text.length) + 10;
  return bytes;
}

export interface FetchedRecords {
  readonly messages: readonly DeliveredMessage[];
  readonly valueBytes: number;
  /** Where to read on: behind control records and compacted gaps too. */
  readonly nextOffset: number;
}

/** The messages of fetched batches from `fromOffset` on: a batch is sent whole, so that earlier ones may stand before it. */
export function fetchedRecords(batches: readonly RecordsBatch[], topic: string, partition: number, fromOffset: number): FetchedRecords {
  const messages: DeliveredMessage[] = [];
  let nextOffset = fromOffset;
  let valueBytes = 0;
  for (const batch of batches) {
    const firstOffset = Number(batch.firstOffset);
    const firstTimeMs = Number(batch.firstTimestamp);
    nextOffset = Math.max(nextOffset, firstOffset + batch.lastOffsetDelta + 1);
    if ((batch.attributes & CONTROL_BATCH) !== 0) continue;
    for (const record of batch.records) {
      const offset = firstOffset + record.offsetDelta;
      if (offset < fromOffset) continue;
      const value = record.value ?? NOTHING;
      const timestampMs = firstTimeMs + Number(record.timestampDelta);
      const message = { topic, partition, offset, timestampMs, key: record.key?.toString("utf8") ?? "", value };
      messages.push(record.headers.length === 0 ? message : { ...message, headers: textHeaders(record.headers) });
      valueBytes += value.length;
    }
  }
  return { messages, valueBytes, nextOffset };
}

function textHeaders(headers: readonly (readonly [Buffer | null, Buffer | null])[]): Record<string, string> {
  return Object.fromEntries(headers.map(([name, text]) => [name?.toString("utf8") ?? "", text?.toString("utf8") ?? ""]));
}

type FetchedPartition = fetchV17.FetchResponse["responses"][number]["partitions"][number];

/** The one partition that a fetch asked for. */
export function partitionOfAnswer(answer: fetchV17.FetchResponse | undefined, partition: number): FetchedPartition | undefined {
  return answer?.responses.flatMap((topic) => topic.partitions).find((one) => one.partitionIndex === partition);
}
