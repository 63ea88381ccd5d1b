import type { RecordsBatch } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { recordBytes } from "../kafka/record-bytes.ts";
import { fetchedRecords, toKafkaMessage } from "./kafka-records.ts";

const batch = (firstOffset: number, count: number, more: Partial<RecordsBatch> = {}): RecordsBatch => ({
  firstOffset: BigInt(firstOffset),
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes: 0,
  lastOffsetDelta: count - 1,
  firstTimestamp: 1_000n,
  maxTimestamp: 1_000n,
  producerId: 1n,
  producerEpoch: 0,
  firstSequence: 0,
  records: Array.from({ length: count }, (_, i) => ({
    length: 0,
    attributes: 0,
    timestampDelta: BigInt(i),
    offsetDelta: i,
    key: Buffer.from("k"),
    value: Buffer.from([i]),
    headers: [] as [Buffer, Buffer][],
  })),
  ...more,
});

describe("fetchedRecords", () => {
  it("leaves out what stands before the position, and reads on behind the last", () => {
    const { messages, nextOffset } = fetchedRecords([batch(10, 5), batch(15, 2)], "t", 3, 12);
    expect(messages.map((one) => [one.offset, one.timestampMs, one.partition])).toEqual([
      [12, 1_002, 3],
      [13, 1_003, 3],
      [14, 1_004, 3],
      [15, 1_000, 3],
      [16, 1_001, 3],
    ]);
    expect(nextOffset).toBe(17);
  });

  it("steps over control records and the gap of a compacted end", () => {
    expect(fetchedRecords([batch(0, 1, { attributes: 0x20 })], "t", 0, 0)).toEqual({ messages: [], nextOffset: 1 });
    expect(fetchedRecords([batch(0, 1, { lastOffsetDelta: 9 })], "t", 0, 0).nextOffset).toBe(10);
  });

  it("stays where it is without batches", () => {
    expect(fetchedRecords([], "t", 0, 7).nextOffset).toBe(7);
  });

  it("takes a record of others without key, value or header text", () => {
    const strange = { ...batch(0, 1).records[0]!, key: null, value: null, headers: [[Buffer.from("h"), null]] as [Buffer, null][] };
    const { messages } = fetchedRecords([batch(0, 1, { records: [strange] })], "t", 0, 0);
    expect(messages[0]).toMatchObject({ key: "", headers: { h: "" } });
    expect(messages[0]!.value.length).toBe(0);
  });
});

it("counts at least the bytes of a record with its key and headers in UTF-8", () => {
  const message = { key: "主机", value: new Uint8Array(10), headers: { "yunwei.site": "苏州" } };
  const { key, value, headers } = toKafkaMessage(message, "t", 0);
  const real = key!.length + value!.length + [...(headers as Map<Buffer, Buffer>)].reduce((sum, [name, text]) => sum + name.length + text.length, 0);
  expect(recordBytes(message)).toBeGreaterThan(real);
});
