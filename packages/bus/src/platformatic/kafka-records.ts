import type { fetchV17, MessageToProduce, RecordsBatch } from "@platformatic/kafka";
import type { BusMessage, DeliveredMessage } from "../bus.ts";

const CONTROL_BATCH = 0x20;
const NOTHING = Buffer.alloc(0);

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

export interface FetchedRecords {
  readonly messages: readonly DeliveredMessage[];
  /** Where to read on: behind control records and compacted gaps too. */
  readonly nextOffset: number;
}

/** The messages of fetched batches from `fromOffset` on: a batch is sent whole, so that earlier ones may stand before it. */
export function fetchedRecords(batches: readonly RecordsBatch[], topic: string, partition: number, fromOffset: number): FetchedRecords {
  const messages: DeliveredMessage[] = [];
  let nextOffset = fromOffset;
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
    }
  }
  return { messages, nextOffset };
}

function textHeaders(headers: readonly (readonly [Buffer | null, Buffer | null])[]): Record<string, string> {
  return Object.fromEntries(headers.map(([name, text]) => [name?.toString("utf8") ?? "", text?.toString("utf8") ?? ""]));
}

type FetchedPartition = fetchV17.FetchResponse["responses"][number]["partitions"][number];

/** The one partition that a fetch asked for. */
export function partitionOfAnswer(answer: fetchV17.FetchResponse | undefined, partition: number): FetchedPartition | undefined {
  return answer?.responses.flatMap((topic) => topic.partitions).find((one) => one.partitionIndex === partition);
}
