import { setTimeout as sleep } from "node:timers/promises";
import { type KafkaBroker, startKafka } from "@yunwei/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BusMessage } from "../bus.ts";
import { openKafkaBus } from "./kafka-bus.ts";
import { openRelayTarget } from "./open-relay-target.ts";
import type { RelayTarget } from "./relay-target.ts";

const kafka = await startKafka({ secure: true });
const skipped = "skipped" in kafka ? kafka.skipped : undefined;

describe.skipIf(skipped !== undefined)(`a relay target on a real broker${skipped === undefined ? "" : ` (${skipped})`}`, () => {
  const broker = kafka as KafkaBroker;
  let target: RelayTarget;
  let count = 0;
  beforeAll(async () => {
    target = await openRelayTarget({ brokers: broker.brokers, clientId: "relay" });
  });
  afterAll(async () => {
    await target.close();
    await broker.stop();
  });

  async function newTopic(): Promise<string> {
    const topic = `relayed-${count++}`;
    const bus = await openKafkaBus({ brokers: broker.brokers, clientId: "maker" });
    await bus.ensureTopics([{ name: topic, producer: "t", consumers: [], partitions: 2, retentionHours: 1, retentionBytes: 1 << 30 }]);
    await bus.close();
    // Its leader is named before it knows of it.
    for (const partition of [0, 1])
      await expect.poll(() => target.lastSequence(topic, partition, "0").catch(() => "not yet"), { timeout: 10_000 }).toBeUndefined();
    return topic;
  }

  /** A broker that has just started has no ids to give away yet. */
  async function newProducer(): Promise<string> {
    for (;;) {
      const producerId = await target.newProducer().catch(() => undefined);
      if (producerId !== undefined) return producerId;
      await sleep(100);
    }
  }

  async function stored(topic: string, partition: number): Promise<string[]> {
    const values: string[] = [];
    for (let from = 0; ; ) {
      const { messages, nextOffset } = await target.read(topic, partition, from);
      if (nextOffset === from) return values;
      values.push(...messages.map(({ value }) => Buffer.from(value).toString()));
      from = nextOffset;
    }
  }

  const messages = (first: number, last: number): BusMessage[] =>
    Array.from({ length: last - first + 1 }, (_, i) => ({ key: "k", value: Buffer.from(String(first + i)), headers: { n: String(first + i) } }));

  it("tells a topic that is not there, and a producer that has sent nothing", async () => {
    expect(await target.partitionsOf("no-such-topic")).toBeUndefined();
    const topic = await newTopic();
    expect(await target.partitionsOf(topic)).toBe(2);
    expect(await target.lastSequence(topic, 0, await newProducer())).toBeUndefined();
    expect(await target.read(topic, 0, 0)).toEqual({ messages: [], nextOffset: 0 });
  });

  it("stores a batch at the chosen partition with key and headers, and says how far the producer came", async () => {
    const topic = await newTopic();
    const producerId = await newProducer();
    expect(await target.append({ topic, partition: 1, producerId, firstSequence: 0, messages: messages(0, 4) })).toEqual({ kind: "appended", offset: 0 });
    expect(await target.append({ topic, partition: 1, producerId, firstSequence: 5, messages: messages(5, 6) })).toEqual({ kind: "appended", offset: 5 });
    expect(await target.lastSequence(topic, 1, producerId)).toBe(6);
    expect(await target.lastSequence(topic, 0, producerId)).toBeUndefined();
    expect(await target.endOf(topic, 1)).toBe(7);
    expect((await target.read(topic, 1, 6)).messages).toMatchObject([{ key: "k", offset: 6, headers: { n: "6" } }]);
  });

  it("stores a repeated batch once, and no batch that begins anywhere but behind the last: the fence against late copies", async () => {
    const topic = await newTopic();
    const producerId = await newProducer();
    const send = async (first: number, last: number): Promise<string> =>
      (await target.append({ topic, partition: 0, producerId, firstSequence: first, messages: messages(first, last) })).kind;
    expect(await send(0, 9)).toBe("appended");
    expect(await send(0, 9)).toBe("appended"); // the very same
    expect(await send(0, 5)).toBe("out-of-sequence"); // the same, cut elsewhere
    expect(await send(5, 14)).toBe("out-of-sequence");
    expect(await send(12, 14)).toBe("out-of-sequence"); // a gap
    expect(await send(10, 14)).toBe("appended");
    for (let first = 15; first < 60; first += 5) expect(await send(first, first + 4)).toBe("appended");
    expect(await send(0, 9)).toBe("out-of-sequence"); // too old to be recognised, and not taken either
    expect(await stored(topic, 0)).toEqual(messages(0, 59).map(({ value }) => Buffer.from(value).toString()));
  });

  it("knows the producer after kill -9 of the broker", async () => {
    const topic = await newTopic();
    const producerId = await newProducer();
    await target.append({ topic, partition: 0, producerId, firstSequence: 0, messages: messages(0, 2) });
    broker.kill();
    await broker.restart();
    await target.reconnect();
    await expect.poll(() => target.lastSequence(topic, 0, producerId).catch(() => "away"), { timeout: 20_000 }).toBe(2);
    expect(await target.append({ topic, partition: 0, producerId, firstSequence: 1, messages: messages(1, 3) })).toEqual({ kind: "out-of-sequence" });
    expect(await target.append({ topic, partition: 0, producerId, firstSequence: 3, messages: messages(3, 3) })).toEqual({ kind: "appended", offset: 3 });
  });

  it("takes a message of the largest size that the bus takes", async () => {
    const topic = await newTopic();
    const producerId = await newProducer();
    const large = { key: "k", value: new Uint8Array(1024 * 1024) };
    expect((await target.append({ topic, partition: 0, producerId, firstSequence: 0, messages: [large] })).kind).toBe("appended");
    expect((await target.append({ topic, partition: 0, producerId, firstSequence: 1, messages: [large, large, large] })).kind).toBe("too-large");
    expect((await target.append({ topic, partition: 0, producerId, firstSequence: 1, messages: [large] })).kind).toBe("appended");
  });

  it("goes through TLS with certificates on both sides and a login", async () => {
    const topic = await newTopic();
    const { brokers, ca, cert, key, username, password } = broker.secure!;
    const secure = await openRelayTarget({ brokers, clientId: "relay", tls: { ca, cert, key }, sasl: { mechanism: "SCRAM-SHA-512", username, password } });
    const producerId = await newProducer();
    expect(await secure.append({ topic, partition: 0, producerId, firstSequence: 0, messages: messages(0, 1) })).toEqual({ kind: "appended", offset: 0 });
    expect(await secure.lastSequence(topic, 0, producerId)).toBe(1);
    await secure.close();
  });
});
